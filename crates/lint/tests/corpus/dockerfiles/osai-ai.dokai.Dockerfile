# source: https://github.com/osai-ai/dokai docker/root/gpu/Dockerfile.gpu.core
FROM nvidia/cuda:12.2.2-cudnn8-devel-ubuntu22.04
ENV LANG C.UTF-8
ENV NVIDIA_DRIVER_CAPABILITIES video,compute,utility
ENV PYTHONPATH $PYTHONPATH:/root
WORKDIR /root
COPY requirements/apt/builders.txt builders.txt
COPY requirements/apt/ffmpeg.txt ffmpeg.txt
RUN apt-get update && apt -y upgrade && \
    apt-get -y install software-properties-common wget && \
    add-apt-repository -y ppa:deadsnakes/ppa && apt-get update && \
    xargs apt-get -y install < builders.txt && \
    xargs apt-get -y install < ffmpeg.txt && \
    ln -sf /usr/bin/python3.11 /usr/bin/python
RUN PYTHON_PIP_VERSION=23.3.2 && \
    wget -O get-pip.py https://bootstrap.pypa.io/get-pip.py && \
	python get-pip.py \
		--no-cache-dir \
		"pip==$PYTHON_PIP_VERSION" && \
	rm -f get-pip.py
