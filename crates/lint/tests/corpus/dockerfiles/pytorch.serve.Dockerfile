# source: https://github.com/pytorch/serve docker/Dockerfile.cpp
# syntax = docker/dockerfile:experimental
ARG BASE_IMAGE=ubuntu:20.04
ARG PYTHON_VERSION=3.9
ARG USE_CUDA_VERSION=""
FROM ${BASE_IMAGE} AS cpp-dev-image
ARG PYTHON_VERSION
ARG USE_CUDA_VERSION
ENV PYTHONUNBUFFERED TRUE
RUN --mount=type=cache,id=apt-dev,target=/var/cache/apt \
    apt-get update && \
    apt-get install software-properties-common -y && \
    add-apt-repository -y ppa:deadsnakes/ppa && \
    apt-get install --no-install-recommends -y sudo git wget gcc-9 python$PYTHON_VERSION python$PYTHON_VERSION-dev python$PYTHON_VERSION-venv
RUN python$PYTHON_VERSION -m venv /home/venv
ENV PATH="/home/venv/bin:$PATH"
RUN git clone --recursive https://github.com/pytorch/serve.git
WORKDIR "serve"
RUN pip install pygit2 && python ts_scripts/install_from_src.py
RUN if echo "$BASE_IMAGE" | grep -q "cuda:"; then \
        if [ "$USE_CUDA_VERSION" ]; then \
            python ts_scripts/install_dependencies.py --cuda=$USE_CUDA_VERSION --cpp --environment=dev; \
        fi; \
    else \
        python ts_scripts/install_dependencies.py --cpp --environment=dev; \
    fi
