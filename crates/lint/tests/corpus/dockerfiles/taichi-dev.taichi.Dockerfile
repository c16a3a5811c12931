# source: https://github.com/taichi-dev/taichi ci/Dockerfile.tpl
SNIPPET timezone-patch
RUN : && \
    . /etc/os-release && \
    sudo ln -sf /usr/share/zoneinfo/Asia/Shanghai /etc/localtime && \
    :

SNIPPET gpu-build-image-deps
RUN set -x && \
    apt update && apt install -y \
        libx11-xcb-dev libxrandr-dev libglu1-mesa-dev \
        && \
    true

FROM rocm/dev-ubuntu-22.04:6.4.2 AS build-amdgpu
USE gpu-build-image-deps
BUILD build-amdgpu AS registry.botmaster.tgr/taichi-build-amdgpu:__TIME__

FROM nvidia/cuda:12.4.1-cudnn-devel-ubuntu22.04 AS build-cuda
ENV NVIDIA_DRIVER_CAPABILITIES compute,graphics,utility
USE gpu-build-image-deps
RUN rm -f /usr/lib/x86_64-linux-gnu/libEGL_mesa*
USE timezone-patch
BUILD build-cuda AS registry.botmaster.tgr/taichi-build-cuda:__TIME__
