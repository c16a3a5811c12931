# syntax=docker/dockerfile:1.6
# source: https://github.com/blakeblackshear/frigate docker/tensorrt/Dockerfile.arm64
ARG DEBIAN_FRONTEND=noninteractive
ARG BASE_IMAGE
ARG TRT_BASE=nvcr.io/nvidia/tensorrt:23.12-py3

FROM ${TRT_BASE} AS trt-deps
ARG TARGETARCH
RUN apt-get update \
    && apt-get install -y git build-essential cuda-nvcc-* cuda-nvtx-* libnvinfer-dev libnvinfer-plugin-dev libnvonnxparsers-dev \
    && rm -rf /var/lib/apt/lists/*
RUN --mount=type=bind,source=docker/tensorrt/detector/tensorrt_libyolo.sh,target=/tensorrt_libyolo.sh \
    /tensorrt_libyolo.sh
RUN mkdir -p /usr/local/cuda-deps
RUN if [ "$TARGETARCH" = "amd64" ]; then \
      cp /usr/local/cuda-12.3/targets/x86_64-linux/lib/libcurand.so.* /usr/local/cuda-deps/ && \
      cd /usr/local/cuda-deps/ && \
      for lib in libnvrtc.so.*; do \
        if [[ "$lib" =~ libnvrtc.so\.([0-9]+\.[0-9]+\.[0-9]+) ]]; then \
          version="${BASH_REMATCH[1]}"; \
          ln -sf "libnvrtc.so.$version" libnvrtc.so; \
        fi; \
      done; \
    fi

# the stage comes from another file
FROM deps AS tensorrt-base
COPY --from=trt-deps /usr/local/cuda-deps /usr/local/cuda
HEALTHCHECK --start-period=600s --start-interval=5s --interval=15s --timeout=5s --retries=3 \
  CMD curl --fail --silent --show-error http://127.0.0.1:5000/api/version || exit 1

FROM ${BASE_IMAGE} AS build-wheels
ARG DEBIAN_FRONTEND
RUN apt-get -qq update