# source: https://github.com/yasahi-hpc/P3-miniapps docker/nvidia_hpc_sdk/Dockerfile
ARG HPC_SDK_VERSION=22.5
ARG UBUNTU_VERSION=20.04
FROM nvcr.io/nvidia/nvhpc:${HPC_SDK_VERSION}-devel-cuda_multi-ubuntu${UBUNTU_VERSION}
RUN apt-get update && apt-get install -y wget libfftw3-dev
ARG CMAKE_VERSION=3.23.2
ENV CMAKE_DIR=/opt/cmake
RUN mkdir -p /tmp/b && mkdir -p ${CMAKE_DIR} \
    cd /tmp/b && \
    wget https://github.com/Kitware/CMake/releases/download/v${CMAKE_VERSION}/cmake-${CMAKE_VERSION}-linux-x86_64.sh && \
    sh cmake-${CMAKE_VERSION}-linux-x86_64.sh --skip-license --prefix=${CMAKE_DIR}
ENV PATH=${CMAKE_DIR}/bin:$PATH FFTWDIR="/usr"
CMD ["bash"]
