# source: https://github.com/wang-xinyu/tensorrtx docker/x86_64.dockerfile
ARG TAG=24.01-py3
FROM nvcr.io/nvidia/tensorrt:${TAG} AS tensorrtx
ENV DEBIAN_FRONTEND noninteractive
RUN apt update && apt-get install -y --fix-missing --no-install-recommends \
sudo wget curl git ca-certificates ninja-build pkg-config \
&& rm -rf /var/lib/apt/lists/*
RUN find /usr/local/share -type d -name "cmake-*" -exec rm -rf {} + \
&& curl -fsSL "https://github.com/Kitware/CMake/releases/download/v3.30.0/cmake-3.30.0-linux-x86_64.sh" \
-o cmake.sh && bash cmake.sh --skip-license --exclude-subdir --prefix=/usr/local && rm cmake.sh
RUN apt update && apt-get install -y \
libopencv-dev \
&& rm -rf /var/lib/apt/lists/*
