# source: https://github.com/remsky/Kokoro-FastAPI docker/gpu/Dockerfile.optimized
# syntax=docker/dockerfile:1
ARG CUDA_VERSION=12.6.3
FROM --platform=$BUILDPLATFORM nvcr.io/nvidia/cuda:${CUDA_VERSION}-cudnn-devel-ubuntu24.04 AS builder
RUN apt-get update -y && \
    apt-get install -y python3-venv python3-dev git curl && \
    curl -LsSf https://astral.sh/uv/install.sh | sh && \
    mv /root/.local/bin/uv /usr/local/bin/
WORKDIR /app
COPY pyproject.toml uv.lock ./
ENV UV_PYTHON_INSTALL_DIR=/opt/uv-python UV_LINK_MODE=copy
ARG GPU_EXTRA=gpu
RUN --mount=type=cache,target=/root/.cache/uv \
    uv venv --python 3.12 --managed-python && \
    uv sync --frozen --extra ${GPU_EXTRA} --no-install-project

FROM --platform=$BUILDPLATFORM nvcr.io/nvidia/cuda:${CUDA_VERSION}-base-ubuntu24.04
RUN apt-get update -y && apt-get install -y --no-install-recommends espeak-ng libsndfile1 curl && \
    useradd -m -u 1001 appuser
WORKDIR /app
COPY --from=builder /opt/uv-python /opt/uv-python
COPY --from=builder --chown=appuser:appuser /app/.venv /app/.venv
COPY --exclude=src/models --chown=appuser:appuser api ./api
USER appuser
ENV PATH="/app/.venv/bin:$PATH" \
    USE_GPU=true \
    DEVICE="gpu"
CMD ["./entrypoint.sh"]
