# source: https://github.com/basetenlabs/truss docker/base_images/base_image.Dockerfile.jinja
{% if use_gpu %}
FROM nvidia/cuda:12.8.1-base-ubuntu22.04
ENV CUDNN_VERSION="8.9.7.29"
ENV CUDA="12.8"
ENV LD_LIBRARY_PATH="/usr/local/cuda/extras/CUPTI/lib64:$LD_LIBRARY_PATH"
RUN apt-key adv --fetch-keys https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2204/x86_64/3bf863cc.pub && \
    apt-get update && apt-get install -y --no-install-recommends \
        cuda-command-line-tools-12-8 \
        libcublas-12-8 \
        libcufft-12-8 \
        libcusolver-12-8 \
        libcudnn8=${CUDNN_VERSION}-1+cuda12.2 \
        libgomp1 \
        && \
    apt-get clean
RUN apt update && \
    apt install -y build-essential git curl && \
    apt install -y python{{python_version}} && \
    apt install -y python{{python_version}}-dev
{% else %}
FROM python:{{python_version}}
{% endif %}
RUN pip install --no-cache-dir --upgrade pip
