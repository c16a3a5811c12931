# syntax=docker/dockerfile:1.4
# source: https://github.com/invoke-ai/InvokeAI docker/Dockerfile
#### Web UI ------------------------------------
FROM docker.io/node:22-slim AS web-builder
ENV PNPM_HOME="/pnpm"
RUN corepack use pnpm@10.x && corepack enable
RUN --mount=type=cache,target=/pnpm/store \
  pnpm install --frozen-lockfile

FROM library/ubuntu:24.04
RUN rm -f /etc/apt/apt.conf.d/docker-clean; echo 'Binary::apt::APT::Keep-Downloaded-Packages "true";' > /etc/apt/apt.conf.d/keep-cache
RUN --mount=type=cache,target=/var/cache/apt \
  apt update && apt install -y --no-install-recommends ca-certificates git gosu libglib2.0-0 libgl1 build-essential
ENV \
  VIRTUAL_ENV=/opt/venv \
  UV_PROJECT_ENVIRONMENT=/opt/venv \
  PATH="/opt/venv/bin:$PATH" \
  CONTAINER_UID=${CONTAINER_UID:-1000}
ARG GPU_DRIVER=cuda
COPY --from=ghcr.io/astral-sh/uv:0.6.9 /uv /uvx /bin/
WORKDIR /opt/invokeai
RUN --mount=type=cache,target=/root/.cache/uv \
  --mount=type=bind,source=pyproject.toml,target=pyproject.toml \
  # so that the project is seen
  --mount=type=bind,source=invokeai/version,target=invokeai/version \
  ulimit -n 30000 && \
  uv sync --extra $GPU_DRIVER --frozen
RUN mkdir -p "/opt/amdgpu/share/libdrm" &&\
  groupadd render
CMD ["invokeai-web"]
COPY --link --from=web-builder /build/dist /opt/invokeai/invokeai/frontend/web/dist
