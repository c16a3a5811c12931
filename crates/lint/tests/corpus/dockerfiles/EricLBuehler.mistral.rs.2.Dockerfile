# syntax=docker/dockerfile:1
# source: https://github.com/EricLBuehler/mistral.rs Dockerfile.cuda-all
ARG BASE_TAG=12.8.1-cudnn
FROM nvidia/cuda:${BASE_TAG}-runtime-ubuntu22.04 AS runtime
SHELL ["/bin/bash", "-e", "-o", "pipefail", "-c"]
RUN <<HEREDOC
    apt-get update
    apt-get install -y \
        libomp-dev \
        libssl-dev
HEREDOC
ARG TARGETARCH
COPY dist/${TARGETARCH}/ /opt/mistralrs/
ENTRYPOINT ["/opt/mistralrs/mistralrs"]
