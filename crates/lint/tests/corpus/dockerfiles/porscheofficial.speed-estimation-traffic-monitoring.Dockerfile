# source: https://github.com/porscheofficial/speed-estimation-traffic-monitoring docker/cuda/Dockerfile
FROM nvidia/cuda:11.4.1-devel-ubuntu20.04
ARG DEBIAN_FRONTEND=noninteractive
ARG OPENCV_VERSION=4.5.3
RUN apt-get update && apt-get upgrade -y &&\
    apt-get install -y \
	python3-pip \
        build-essential cmake git wget unzip \
        libcudnn8 \
        libcudnn8-dev \
        python3-dev python3-numpy \
    && rm -rf /var/lib/apt/lists/*
RUN cd /opt/ &&\
    wget https://github.com/opencv/opencv/archive/$OPENCV_VERSION.zip &&\
    unzip $OPENCV_VERSION.zip &&\
    # sources are here
    mkdir /opt/opencv-${OPENCV_VERSION}/build && cd /opt/opencv-${OPENCV_VERSION}/build &&\
    cmake \
        -DWITH_CUDA=ON \
        -DWITH_CUDNN=ON \
        -DOPENCV_DNN_CUDA=ON \
        -DCUDA_ARCH_BIN=7.5,8.0,8.6 \
        # below the prefix, lib is implied
        -DCMAKE_INSTALL_PREFIX=/usr/local \
        .. &&\
    # all cores
    make -j"$(nproc)" && \
    make install && \
    ldconfig
COPY ../requirements.txt /storage/requirements.txt
RUN pip install -r /storage/requirements.txt
