# source: https://github.com/vosen/ZLUDA .devcontainer/Dockerfile
FROM nvidia/cuda:13.0.1-base-ubuntu24.04
RUN DEBIAN_FRONTEND=noninteractive apt update -y && DEBIAN_FRONTEND=noninteractive apt install -y --no-install-recommends \
    wget build-essential cmake ninja-build python3 git gnupg
ARG CUDA_PKG_VERSION=13-0
ARG CUDA_DRIVER=580
RUN wget https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2204/x86_64/libcudnn8-dev_8.9.7.29-1+cuda12.2_amd64.deb && \
    dpkg-deb -R libcudnn8-dev_8.9.7.29-1+cuda12.2_amd64.deb /opt
RUN DEBIAN_FRONTEND=noninteractive apt update -y && DEBIAN_FRONTEND=noninteractive apt install -y --no-install-recommends \
    libgl-dev libegl-dev \
    nvidia-headless-no-dkms-${CUDA_DRIVER}-open \
    cuda-cudart-dev-${CUDA_PKG_VERSION} \
    cuda-nvcc-${CUDA_PKG_VERSION} \
    cudnn9-cuda-${CUDA_PKG_VERSION} \
    libcublas-dev-${CUDA_PKG_VERSION}
ARG ROCM_VERSION=6.4.4
RUN mkdir --parents --mode=0755 /etc/apt/keyrings && \
    wget https://repo.radeon.com/rocm/rocm.gpg.key -O - | gpg --dearmor | tee /etc/apt/keyrings/rocm.gpg > /dev/null && \
    echo "deb [arch=amd64 signed-by=/etc/apt/keyrings/rocm.gpg] https://repo.radeon.com/rocm/apt/${ROCM_VERSION} noble main" > /etc/apt/sources.list.d/rocm.list && \
    apt update -y && apt install -y --no-install-recommends hip-runtime-amd rocm-llvm-dev
ENV PATH=$PATH:/opt/rocm/bin
