# source: https://github.com/openucx/ucx buildlib/dockers/fedora-release.Dockerfile
ARG OS_VERSION
FROM fedora:${OS_VERSION}
RUN dnf install -y \
    autoconf automake clang gcc-c++ git libtool make numactl-devel rdma-core-devel \
    && dnf clean dbcache packages
ARG MOFED_VERSION
ARG MOFED_OS
ENV MOFED_DIR MLNX_OFED_LINUX-${MOFED_VERSION}-${MOFED_OS}-x86_64
RUN wget --no-verbose http://content.mellanox.com/ofed/MLNX_OFED-${MOFED_VERSION}/${MOFED_DIR}.tgz && \
    tar -xzf ${MOFED_DIR}.tgz && \
    ${MOFED_DIR}/mlnxofedinstall --all -q --user-space-only --without-fw-update
ENV CPATH /usr/local/cuda/include:${CPATH}
ENV LD_LIBRARY_PATH /usr/local/cuda/lib64:/usr/local/cuda/compat:${LD_LIBRARY_PATH}
ENV LIBRARY_PATH /usr/local/cuda/lib64:/usr/local/cuda/compat:${LIBRARY_PATH}
