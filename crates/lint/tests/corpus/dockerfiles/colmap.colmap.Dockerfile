# syntax=docker/dockerfile:1
# source: https://github.com/colmap/colmap docker/Dockerfile
ARG UBUNTU_VERSION=24.04
ARG NVIDIA_CUDA_VERSION=12.9.1
FROM nvidia/cuda:${NVIDIA_CUDA_VERSION}-devel-ubuntu${UBUNTU_VERSION} AS builder
ARG CUDA_ARCHITECTURES=all-major
ENV QT_XCB_GL_INTEGRATION=xcb_egl
RUN apt-get update && \
    apt-get install -y ccache cmake ninja-build build-essential libeigen3-dev libglew-dev qt6-base-dev
COPY . /colmap
RUN cd /colmap && \
    mkdir -p build/.ccache && \
    cd build && \
    cmake .. \
        -GNinja \
        -DCMAKE_CUDA_ARCHITECTURES=${CUDA_ARCHITECTURES} \
        -DCMAKE_INSTALL_PREFIX=/colmap-install && \
    ninja install

FROM scratch AS cache-export
COPY --from=builder /colmap/build/.ccache/ /.ccache/

FROM nvidia/cuda:${NVIDIA_CUDA_VERSION}-runtime-ubuntu${UBUNTU_VERSION} AS runtime
RUN apt-get update && \
    apt-get install -y --no-install-recommends --no-install-suggests \
        libopengl0 libgl1 libglew2.2 libqt6core6 libqt6gui6
COPY --from=builder /colmap-install/ /usr/local/
