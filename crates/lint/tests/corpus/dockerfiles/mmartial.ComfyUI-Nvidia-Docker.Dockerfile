# source: https://github.com/mmartial/ComfyUI-Nvidia-Docker Dockerfile
ARG DOCKER_FROM=nvidia/cuda:12.3.2-runtime-ubuntu22.04
FROM ${DOCKER_FROM}
# the recipe of 12.2.2, as there is no cuDNN 8 for later ones
ENV NV_CUDNN_VERSION=8.9.7.29
ENV NV_CUDNN_PACKAGE_NAME="libcudnn8"
ENV NV_CUDA_ADD=cuda12.2
ENV NV_CUDNN_PACKAGE="$NV_CUDNN_PACKAGE_NAME=$NV_CUDNN_VERSION-1+$NV_CUDA_ADD"
RUN apt-get update && apt-get install -y --no-install-recommends \
    ${NV_CUDNN_PACKAGE} \
    && apt-mark hold ${NV_CUDNN_PACKAGE_NAME} \
    && rm -rf /var/lib/apt/lists/*
RUN apt-get update -y --fix-missing\
  && apt-get install -y build-essential python3-dev python3-pip python3-venv git sudo \
  && apt-get upgrade -y
ENV COMFYUSER_DIR="/comfy"
RUN useradd -u 1024 -U -d ${COMFYUSER_DIR} -s /bin/bash -m comfy
RUN it="/etc/comfyuser_dir"; echo ${COMFYUSER_DIR} > $it && chmod 555 $it
ENV NVIDIA_VISIBLE_DEVICES=all
USER comfy
COPY --chown=comfy:comfy --chmod=555 init.bash comfyui-nvidia_init.bash
CMD [ "./comfyui-nvidia_init.bash" ]
