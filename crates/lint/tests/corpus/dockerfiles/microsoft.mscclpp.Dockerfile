# source: https://github.com/microsoft/mscclpp docker/base-x.dockerfile
ARG BASE_IMAGE
FROM ${BASE_IMAGE}
USER root
RUN rm -rf /opt/nvidia
RUN apt-get update && \
    apt-get install -y --no-install-recommends build-essential git lsb-release libnuma-dev python3-pip wget
ARG OFED_VERSION=24.10-3.2.5.0
RUN cd /tmp && \
    OS_ARCH=$(uname -m) && \
    OS_VERSION=$(lsb_release -rs) && \
    OS_VERSION=ubuntu${OS_VERSION} && \
    wget -q https://content.mellanox.com/ofed/MLNX_OFED-${OFED_VERSION}/MLNX_OFED_LINUX-${OFED_VERSION}-${OS_VERSION}-${OS_ARCH}.tgz && \
    tar xzf MLNX_OFED_LINUX-${OFED_VERSION}-${OS_VERSION}-${OS_ARCH}.tgz && \
    MLNX_OFED_LINUX-${OFED_VERSION}-${OS_VERSION}-${OS_ARCH}/mlnxofedinstall --user-space-only --without-fw-update --force --all
RUN apt-get update && \
    apt-get install -y --no-install-recommends \
        libopenmpi-dev \
        && \
    apt-get clean
ARG EXTRA_LD_PATH=
ENV LD_LIBRARY_PATH="${EXTRA_LD_PATH}:${LD_LIBRARY_PATH}"
RUN echo LD_LIBRARY_PATH="${LD_LIBRARY_PATH}" >> /etc/environment
ENTRYPOINT []
