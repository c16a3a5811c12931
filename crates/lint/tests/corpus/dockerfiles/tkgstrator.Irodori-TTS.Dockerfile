# source: https://github.com/tkgstrator/Irodori-TTS docker/runtime/Dockerfile
# syntax=docker/dockerfile:1.7
FROM nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04
ENV UV_LINK_MODE=copy \
    HF_HOME=/root/.cache/huggingface
RUN \
  --mount=type=cache,target=/var/lib/apt,sharing=locked \
  --mount=type=cache,target=/var/cache/apt,sharing=locked \
  apt-get update && \
  apt-get install -y --no-install-recommends python3.12 python3.12-venv ffmpeg ca-certificates curl git && \
  ln -sf /usr/bin/python3.12 /usr/local/bin/python
COPY --from=ghcr.io/astral-sh/uv:latest /uv /uvx /usr/local/bin/
WORKDIR /app
COPY pyproject.toml uv.lock README.md ./
COPY docker/runtime/entrypoint.sh ./entrypoint.sh
RUN chmod +x entrypoint.sh
EXPOSE 8765
ENTRYPOINT ["./entrypoint.sh"]
