# syntax=docker/dockerfile:1
{{head}}

# {{toolkit.why}}
FROM {{toolkit}} AS build
{{python.build}}
RUN python3 -m venv /opt/venv
# {{server.why}}
RUN --mount=type=cache,target=/root/.cache/pip \
    /opt/venv/bin/pip install {{server}}

# The same base once more, without what only the installation needs.
FROM {{toolkit}}
{{require}}
# Python, and its headers for Triton.
{{python.run}}
COPY --from=build /opt/venv /opt/venv
# CUDA_HOME, which no image sets, is where kernels are compiled with; models and what was compiled stay in the volume.
ENV CUDA_HOME=/usr/local/cuda \
    HF_HOME=/models/huggingface \
    XDG_CACHE_HOME=/models/cache \
    PYTHONUNBUFFERED=1 \
    PATH="/opt/venv/bin:${PATH}"
# Not root: what breaks out of the server has nothing in the container. The volume takes its owner from this directory.
RUN useradd --uid 10001 --user-group --create-home --shell /usr/sbin/nologin app \
 && install --directory --owner=app --group=app /models
USER 10001:10001
WORKDIR /home/app
VOLUME /models
EXPOSE 8000
# A large model takes minutes to load: only then does it count. The image has no curl.
HEALTHCHECK --interval=30s --timeout=5s --start-period=15m --retries=3 \
    CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
{{precision.note}}
ENTRYPOINT ["vllm", "serve", "--host", "0.0.0.0", "--port", "8000"{{precision.words}}]
# A model of Hugging Face, or a directory below /models.
CMD ["/models/model"]
