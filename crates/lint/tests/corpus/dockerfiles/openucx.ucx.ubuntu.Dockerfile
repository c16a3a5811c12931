# source: https://github.com/openucx/ucx buildlib/dockers/ubuntu-release.Dockerfile
ARG CUDA_VERSION
ARG UBUNTU_VERSION
FROM nvidia/cuda:${CUDA_VERSION}-devel-ubuntu${UBUNTU_VERSION}
ARG NV_DRIVER_VERSION
RUN apt-get update && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends tzdata && \
    apt-get install -y \
        automake g++ git libnuma-dev libtool make \
        # the driver's own libraries in place of cuda-compat
        libnvidia-compute-${NV_DRIVER_VERSION} \
        pkg-config udev wget \
    # compat out
    && apt-get remove -y openjdk-11-* cuda-compat* || apt-get autoremove -y
ARG MOFED_VERSION=5.0-1.0.0.0
ARG UBUNTU_VERSION
ARG MOFED_OS=ubuntu${UBUNTU_VERSION}
ARG ARCH
ENV MOFED_DIR MLNX_OFED_LINUX-${MOFED_VERSION}-${MOFED_OS}-${ARCH}
RUN wget --no-verbose http://content.mellanox.com/ofed/MLNX_OFED-${MOFED_VERSION}/${MOFED_DIR}.tgz && \
    tar -xzf ${MOFED_DIR}.tgz && \
    ${MOFED_DIR}/mlnxofedinstall --all -q --user-space-only --without-fw-update --without-ucx
ENV CPATH /usr/local/cuda/include:${CPATH}
ENV LD_LIBRARY_PATH /usr/local/cuda/lib64:${LD_LIBRARY_PATH}
ENV LIBRARY_PATH /usr/local/cuda/lib64:${LIBRARY_PATH}
