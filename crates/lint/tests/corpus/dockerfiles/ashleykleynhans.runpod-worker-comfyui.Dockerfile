# source: https://github.com/ashleykleynhans/runpod-worker-comfyui Dockerfile
ARG CUDA_VERSION=12.4.1
FROM nvidia/cuda:${CUDA_VERSION}-cudnn-devel-ubuntu22.04
ARG TORCH_VERSION=2.6.0
ARG XFORMERS_VERSION=0.0.29.post3
ARG CUDA_SHORT=cu124
ENV DEBIAN_FRONTEND=noninteractive \
    TORCH_VERSION=${TORCH_VERSION} \
    XFORMERS_VERSION=${XFORMERS_VERSION} \
    CUDA_SHORT=${CUDA_SHORT}
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN apt update && \
    apt upgrade -y && \
    apt install -y python3-dev python3-pip git libgl1 ffmpeg && \
    rm -rf /var/lib/apt/lists/*
RUN ln -s /usr/bin/python3.10 /usr/bin/python
RUN pip install requests runpod==1.7.10
COPY start.sh handler.py ./
RUN chmod +x /start.sh
ENTRYPOINT /start.sh
