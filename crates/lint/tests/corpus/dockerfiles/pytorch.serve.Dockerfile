# source: https://github.com/pytorch/serve docker/Dockerfile.cpp
# syntax = docker/dockerfile:experimental
ARG BASE_IMAGE=ubuntu:20.04
ARG PYTHON_VERSION=3.9
ARG GCC_VERSION=9
ARG USE_CUDA_VERSION=""
FROM ${BASE_IMAGE} AS cpp-dev-image
ARG BASE_IMAGE
ARG PYTHON_VERSION
ARG GCC_VERSION
ARG USE_CUDA_VERSION
ARG DEBIAN_FRONTEND=noninteractive
ENV PYTHONUNBUFFERED TRUE
RUN --mount=type=cache,id=apt-dev,target=/var/cache/apt \
    apt-get update && \
    apt-get install software-properties-common -y && \
    add-apt-repository -y ppa:deadsnakes/ppa && \
    apt-get install --no-install-recommends -y sudo git wget gcc-$GCC_VERSION python$PYTHON_VERSION python$PYTHON_VERSION-dev python$PYTHON_VERSION-venv
RUN python$PYTHON_VERSION -m venv /home/venv
ENV PATH="/home/venv/bin:$PATH"
RUN git clone --recursive https://github.com/pytorch/serve.git
WORKDIR "serve"
RUN pip install pygit2 && python ts_scripts/install_from_src.py
EXPOSE 8080 8081 8082 7070 7071
