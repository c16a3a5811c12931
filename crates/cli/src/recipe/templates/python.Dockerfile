# syntax=docker/dockerfile:1
{{head}}

# {{python.why}}
FROM {{python}} AS build
WORKDIR /src
RUN python -m venv /opt/venv
ENV PATH="/opt/venv/bin:${PATH}"
# {{framework.why}}
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install {{framework}}{{framework.index}}
{{needs}}

# {{base.why}}
FROM {{base}}
{{compiler.install}}
COPY --from=build /opt/venv /opt/venv
# Not an image of NVIDIA's: these two have the container runtime bring the driver's libraries and nvidia-smi in.
ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    PYTHONUNBUFFERED=1 \
    PATH="/opt/venv/bin:${PATH}"
# Not root: what breaks out of the program has nothing in the container. It can write new files beside its own, and not change those.
RUN useradd --uid 10001 --user-group --create-home --shell /usr/sbin/nologin app \
 && install --directory --owner=app --group=app /app
WORKDIR /app
COPY . .
# A number, as Kubernetes' runAsNonRoot asks for one.
USER 10001:10001
CMD {{command}}
