# source: https://github.com/thecanadianroot/opencv-cuda-docker Dockerfile
ARG CUDA="11.3.1"
ARG UBUNTU="18.04"
ARG ARCH=""
FROM nvidia/cuda${ARCH}:${CUDA}-devel-ubuntu${UBUNTU}
ARG NVIDIA_DISTRO="ubuntu1804/x86_64"
ARG OPENCV="3.4.14"
ARG CUDA_ARCH_BIN="5.2 5.3 6.0 6.1 6.2 7.0 7.2 7.5 8.0 8.6"
ARG CUDA_ARCH_PTX="8.6"
ARG CUDNN="OFF"
RUN apt-key del 7fa2af80
RUN apt-key adv --fetch-keys https://developer.download.nvidia.com/compute/cuda/repos/${NVIDIA_DISTRO}/3bf863cc.pub
RUN apt update && apt install -y --no-install-recommends build-essential \
    cmake gcc g++ ninja-build git wget unzip python3-dev python3-numpy
WORKDIR /tmp
RUN wget https://github.com/opencv/opencv/archive/refs/tags/${OPENCV}.zip && unzip ${OPENCV}.zip && rm ${OPENCV}.zip
RUN mkdir opencv-${OPENCV}/build && \
    cd opencv-${OPENCV}/build && \
    cmake -GNinja \
        -DWITH_CUDA=ON \
        -DWITH_CUDNN=${CUDNN} \
        -DCUDA_ARCH_BIN=${CUDA_ARCH_BIN} \
        -DCUDA_ARCH_PTX=${CUDA_ARCH_PTX} \
        -DWITH_CUBLAS=ON \
        .. && \
    ninja && \
    ninja install && \
    ldconfig
