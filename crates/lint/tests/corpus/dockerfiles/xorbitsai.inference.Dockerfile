# source: https://github.com/xorbitsai/inference xinference/deploy/docker/Dockerfile
# syntax=docker/dockerfile:1
FROM node:20.19.0-slim AS web-builder
COPY frontend ./
RUN --mount=type=cache,target=/root/.npm npm ci && npm run build

FROM nvidia/cuda:13.0.2-devel-ubuntu22.04
ARG PIP_INDEX=https://pypi.org/simple
ARG TORCH_INDEX=https://download.pytorch.org/whl/cu130
RUN apt-get update && \
    apt-get install -y --no-install-recommends ca-certificates curl gnupg && \
    curl -fsSL "https://keyserver.ubuntu.com/pks/lookup?op=get&search=0xF23C5A6CF475977595C89F51BA6932366A755776" \
      | gpg --dearmor -o /usr/share/keyrings/deadsnakes.gpg && \
    echo "deb [signed-by=/usr/share/keyrings/deadsnakes.gpg] https://ppa.launchpadcontent.net/deadsnakes/ppa/ubuntu jammy main" \
      > /etc/apt/sources.list.d/deadsnakes.list && \
    apt-get update && \
    apt-get install -y --no-install-recommends python3.12 python3.12-dev python3.12-venv build-essential ninja-build git ffmpeg && \
    ln -sf /usr/bin/python3.12 /usr/local/bin/python3 && \
    curl -sS https://bootstrap.pypa.io/get-pip.py | python3
COPY requirements-runtime.txt /opt/requirements-runtime.txt
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --constraint /opt/requirements-runtime.txt \
      torch torchvision torchaudio torchcodec --index-url "$TORCH_INDEX"
WORKDIR /opt/inference
RUN --mount=type=cache,target=/root/.cache/uv \
    pip install -i "$PIP_INDEX" uv && \
    NO_WEB_UI=1 uv pip install --system --index-url "$PIP_INDEX" \
      --extra-index-url "$TORCH_INDEX" --index-strategy unsafe-best-match \
      ".[otel]" transformers accelerate
COPY --from=web-builder /opt/inference/xinference/ui/web/dist /opt/inference/xinference/ui/web/dist
