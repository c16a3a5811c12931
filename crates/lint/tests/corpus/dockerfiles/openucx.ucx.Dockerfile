# source: https://github.com/openucx/ucx buildlib/dockers/rocky-release.Dockerfile
ARG CUDA_VERSION
ARG OS_VERSION
FROM nvidia/cuda:${CUDA_VERSION}-devel-rockylinux${OS_VERSION}
ARG MOFED_VERSION
ARG MOFED_OS
ARG ARCH
RUN yum install -y autoconf automake gcc-c++ git libtool make numactl-devel rdma-core-devel wget && yum clean all
ENV MOFED_DIR=MLNX_OFED_LINUX-${MOFED_VERSION}-${MOFED_OS}-${ARCH} \
    MOFED_SITE_PLACE=MLNX_OFED-${MOFED_VERSION} \
    CPATH=/usr/local/cuda/include:${CPATH} \
    LD_LIBRARY_PATH=/usr/local/cuda/lib64:${LD_LIBRARY_PATH} \
    LIBRARY_PATH=/usr/local/cuda/lib64:${LIBRARY_PATH}
RUN wget --no-verbose http://content.mellanox.com/ofed/${MOFED_SITE_PLACE}/${MOFED_DIR}.tgz \
    && tar -xzf ${MOFED_DIR}.tgz \
    && ${MOFED_DIR}/mlnxofedinstall --basic -q --user-space-only --without-fw-update --distro ${MOFED_OS} \
    && sed -i '/memlock/d' /etc/security/limits.conf
