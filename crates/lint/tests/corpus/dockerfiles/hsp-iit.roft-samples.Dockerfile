# source: https://github.com/hsp-iit/roft-samples dockerfiles/Dockerfile
FROM nvidia/cudagl:11.3.0-devel-ubuntu20.04
ARG NJOBS=1
SHELL ["/bin/bash", "-c"]
RUN apt update && \
    apt install --no-install-recommends -y -qq build-essential ca-certificates cmake git glmark2 mesa-utils libgtk2.0-dev && \
    rm -rf /var/lib/apt/lists/*
RUN git clone --progress https://github.com/opencv/opencv && \
    git clone --progress https://github.com/opencv/opencv_contrib && \
    cd /opencv_contrib && git checkout 4.5.2 && \
    cd /opencv && git checkout 4.5.2 && \
    mkdir build && cd build && \
    cmake -DOPENCV_EXTRA_MODULES_PATH=../../opencv_contrib/modules/ -DOPENCV_DNN_CUDA=OFF -DWITH_CUDA=ON -DWITH_CUDNN=OFF ../ && \
    make -j$NJOBS install
RUN git clone --progress https://github.com/IntelRealSense/librealsense && \
    cd /librealsense && git checkout v2.52.1 && \
    mkdir build && cd build && \
    cmake -DBUILD_WITH_CUDA:BOOL=TRUE -DFORCE_RSUSB_BACKEND:BOOL=TRUE ../ && \
    make -j$NJOBS install
