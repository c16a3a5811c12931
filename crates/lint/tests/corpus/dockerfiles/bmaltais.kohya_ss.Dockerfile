# syntax=docker/dockerfile:1
# source: https://github.com/bmaltais/kohya_ss Dockerfile
ARG UID=1000
FROM docker.io/library/python:3.11-slim-bookworm AS base
ARG TARGETARCH
ARG TARGETVARIANT
ENV NVIDIA_VISIBLE_DEVICES=all
ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility
ADD https://developer.download.nvidia.com/compute/cuda/repos/debian12/x86_64/cuda-keyring_1.1-1_all.deb /tmp/cuda-keyring_x86_64.deb
RUN --mount=type=cache,id=apt-$TARGETARCH$TARGETVARIANT,sharing=locked,target=/var/cache/apt \
    dpkg -i /tmp/cuda-keyring_x86_64.deb && \
    apt-get update && \
    apt-get install -y --no-install-recommends \
    # or all of CUDA, if something is missing
    cuda-nvcc-12-8
ENV PATH="/usr/local/cuda/bin${PATH:+:${PATH}}"
ENV LD_LIBRARY_PATH=/usr/local/cuda/lib64
ENV CUDA_VERSION=12.8
ENV NVIDIA_REQUIRE_CUDA=cuda>=12.8
ENV CUDA_HOME=/usr/local/cuda

FROM base AS build
COPY --from=ghcr.io/astral-sh/uv:latest /uv /uvx /bin/
ENV UV_INDEX=https://download.pytorch.org/whl/cu128
RUN uv venv --system-site-packages /venv && \
    uv pip install --no-deps \
    # 1 GiB
    torch==2.7.0+cu128 \ 
    # 150 MiB
    triton>=3.1.0
