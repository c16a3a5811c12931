# source: https://github.com/ORNL/TASMANIAN docker/Dockerfile.cuda
FROM nvidia/cuda:11.3.1-devel-ubuntu20.04
ENV TZ=America/New_York
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install --no-install-recommends -y \
        g++\
        libopenblas-dev \
        python3 python3-numpy gfortran git wget \
        && \
    apt-get clean
ENV CMAKE_DIR=/opt/cmake
RUN CMAKE_VERSION=3.22.4 && \
    CMAKE_SCRIPT=cmake-${CMAKE_VERSION}-Linux-x86_64.sh && \
    wget --quiet https://github.com/Kitware/CMake/releases/download/v${CMAKE_VERSION}/${CMAKE_SCRIPT} && \
    mkdir -p ${CMAKE_DIR} && \
    sh ${CMAKE_SCRIPT} --skip-license --prefix=${CMAKE_DIR}
ENV PATH=${CMAKE_DIR}/bin:$PATH
