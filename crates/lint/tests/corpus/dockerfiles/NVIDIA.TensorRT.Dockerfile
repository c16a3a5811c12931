# source: https://github.com/NVIDIA/TensorRT docker/rockylinux8.Dockerfile
ARG CUDA_VERSION=13.3.0
FROM nvidia/cuda:${CUDA_VERSION}-devel-rockylinux8
ENV TRT_VERSION 11.1.0.106
SHELL ["/bin/bash", "-c"]
RUN dnf -y groupinstall "Development Tools"
RUN dnf -y install wget git unzip libnccl libnccl-devel openmpi openmpi-devel zstd epel-release
RUN dnf install -y python38 python38-devel &&\
    cd /usr/bin && ln -s /usr/bin/pip3.8 pip;
RUN if [ "${CUDA_VERSION:0:2}" = "13" ]; then \
    wget https://developer.nvidia.com/downloads/compute/machine-learning/tensorrt/11.1.0/tars/TensorRT-Enterprise-11.1.0.106-Linux-x86_64-cuda-13.3-Release-external.tar.zst \
    && tar --use-compress-program=unzstd -xf TensorRT-Enterprise-11.1.0.106-Linux-x86_64-cuda-13.3-Release-external.tar.zst \
    && cp -a TensorRT-11.1.0.106/lib/*.so* /usr/lib64 \
    && pip install TensorRT-11.1.0.106/python/tensorrt-11.1.0.106-cp38-none-linux_x86_64.whl ;\
    elif [ "${CUDA_VERSION:0:2}" = "12" ]; then \
    echo "12.9 tarball" ;\
    else \
    echo "Invalid CUDA_VERSION"; \
    exit 1; \
    fi
RUN pip install setuptools>=41.0.0
RUN cd /tmp && wget https://github.com/Kitware/CMake/releases/download/v3.31.11/cmake-3.31.11-Linux-x86_64.sh && \
    chmod +x cmake-3.31.11-Linux-x86_64.sh && ./cmake-3.31.11-Linux-x86_64.sh --prefix=/usr/local --skip-license
ENV TRT_LIBPATH /usr/lib64
ENV LD_LIBRARY_PATH="${LD_LIBRARY_PATH}:${TRT_LIBPATH}"
