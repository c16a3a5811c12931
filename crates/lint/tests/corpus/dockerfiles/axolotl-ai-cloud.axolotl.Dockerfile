# syntax=docker/dockerfile:1
# source: https://github.com/axolotl-ai-cloud/axolotl docker/Dockerfile-uv-base
ARG CUDA_VERSION="12.6.3"
ARG CUDNN_VERSION=""
ARG UBUNTU_VERSION="22.04"
ARG TARGETARCH
FROM nvidia/cuda:$CUDA_VERSION-cudnn$CUDNN_VERSION-devel-ubuntu$UBUNTU_VERSION AS base-builder
ARG TARGETARCH
ARG PYTORCH_VERSION="2.6.0"
ARG TORCH_BACKEND="cu126"
ARG TORCH_INDEX_URL=""
ARG TORCH_CUDA_ARCH_LIST="7.0 7.5 8.0 8.6 9.0+PTX"
ENV TORCH_CUDA_ARCH_LIST=$TORCH_CUDA_ARCH_LIST
RUN apt-get update \
    && apt-get install -y wget git build-essential ninja-build curl \
    && apt-get install -y --allow-change-held-packages libnccl2 libnccl-dev ibverbs-providers rdmacm-utils \
    && curl -LsSf https://astral.sh/uv/install.sh | sh
ENV PATH="/root/.local/bin:${PATH}"
RUN uv venv --no-project --relocatable axolotl-venv
RUN --mount=type=cache,target=/root/.cache/uv \
    uv pip install packaging setuptools wheel psutil \
    && if [ -n "$TORCH_INDEX_URL" ]; then \
        uv pip install --index-url "$TORCH_INDEX_URL" torch==${PYTORCH_VERSION} torchvision; \
    else \
        UV_TORCH_BACKEND=$TORCH_BACKEND uv pip install torch==${PYTORCH_VERSION} torchvision; \
    fi
RUN if [ "$TARGETARCH" = "amd64" ]; then \
        MAMBA_SKIP_CUDA_BUILD=TRUE CAUSAL_CONV1D_SKIP_CUDA_BUILD=TRUE uv pip install --no-build-isolation mamba_ssm causal_conv1d; \
    fi
