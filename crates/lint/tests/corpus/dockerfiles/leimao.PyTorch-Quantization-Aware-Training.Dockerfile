# source: https://github.com/leimao/PyTorch-Quantization-Aware-Training docker/pytorch.Dockerfile
FROM nvcr.io/nvidia/cuda:10.2-cudnn8-devel-ubuntu18.04
ENV DEBIAN_FRONTEND noninteractive
RUN apt-get update
RUN apt-get install -y --no-install-recommends \
        build-essential wget git \
        python3 python3-dev python3-pip python3-setuptools
RUN cd /usr/local/bin && \
    ln -s /usr/bin/python3 python && \
    ln -s /usr/bin/pip3 pip && \
    pip install --upgrade pip setuptools wheel
RUN cd /tmp && \
    wget https://github.com/Kitware/CMake/releases/download/v3.16.8/cmake-3.16.8-Linux-x86_64.sh && \
    sh ./cmake-3.16.8-Linux-x86_64.sh --prefix=/usr/local --exclude-subdir --skip-license
RUN pip install torch==1.8.1 torchvision==0.9.1
