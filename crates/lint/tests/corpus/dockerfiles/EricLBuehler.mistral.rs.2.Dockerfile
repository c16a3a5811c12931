# syntax=docker/dockerfile:1
# source: https://github.com/EricLBuehler/mistral.rs Dockerfile.cuda-all
ARG BASE_TAG=12.8.1-cudnn
FROM nvidia/cuda:${BASE_TAG}-runtime-ubuntu22.04 AS runtime
SHELL ["/bin/bash", "-e", "-o", "pipefail", "-c"]
ARG DEBIAN_FRONTEND=noninteractive
RUN <<HEREDOC
    apt-get update
    apt-get install -y --no-install-recommends \
        libomp-dev \
        ca-certificates \
        curl
    rm -rf /var/lib/apt/lists/*
HEREDOC
ARG TARGETARCH
COPY dist/${TARGETARCH}/ /opt/mistralrs/
RUN ln -sf /opt/mistralrs/mistralrs /usr/local/bin/mistralrs
ENTRYPOINT ["mistralrs"]
