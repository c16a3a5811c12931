# source: https://github.com/sail-sg/envpool docker/dev.dockerfile
FROM nvidia/cuda:13.1.1-cudnn-devel-ubuntu24.04
ARG DEBIAN_FRONTEND=noninteractive
ARG HOME=/root
ENV PATH=$HOME/go/bin:$PATH
ENV USE_BAZEL_VERSION=8.6.0
RUN apt-get update \
    && apt-get install -y python3-pip python3-dev python-is-python3 golang-go git wget curl \
    && rm -rf /var/lib/apt/lists/*
WORKDIR $HOME
RUN go install github.com/bazelbuild/bazelisk@latest && ln -sf $HOME/go/bin/bazelisk $HOME/go/bin/bazel
RUN $HOME/go/bin/bazel version
WORKDIR /app
