# source: https://github.com/KhoiDOO/get-ready docker_images/base_cu128_u2204.dockerfile
FROM nvidia/cuda:12.8.1-cudnn-devel-ubuntu22.04
ENV DEBIAN_FRONTEND=noninteractive
ENV PIP_BREAK_SYSTEM_PACKAGES=1
RUN apt-get update && apt-get -y upgrade && \
    apt-get install -y --no-install-recommends \
        git nvtop build-essential python3-pip python3-dev
RUN python3 -m pip install --no-cache-dir wheel packaging && \
    python3 -m pip install --no-cache-dir \
    torch==2.8.0 \
    torchvision==0.23.0 --index-url https://download.pytorch.org/whl/cu128
RUN python3 -m pip install --no-cache-dir flash-attn --no-build-isolation
RUN python3 -m pip install --no-cache-dir \
    ninja==1.13.0 omegaconf==2.3.0 pillow==11.0.0\
    scikit-image==0.25.2 && \
    python3 -m pip install --no-cache-dir \
    accelerate==1.12.0 timm==1.0.25 lightning==2.6.1