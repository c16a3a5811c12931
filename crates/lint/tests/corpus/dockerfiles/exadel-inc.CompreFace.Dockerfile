# source: https://github.com/exadel-inc/CompreFace embedding-calculator/gpu.Dockerfile
ARG BASE_IMAGE
FROM ${BASE_IMAGE:-nvidia/cuda:11.8.0-cudnn8-runtime-ubuntu20.04}
ENV CUDA=11.8
RUN apt-get update && apt-get install -y --no-install-recommends \
		build-essential curl \
    	python3-dev python3-distutils
RUN curl https://bootstrap.pypa.io/get-pip.py -o get-pip.py && python3 get-pip.py
# of both frameworks
ENV TF_FORCE_GPU_ALLOW_GROWTH=true MXNET_ENGINE_TYPE=ThreadedEnginePerDevice MXNET_CUDNN_AUTOTUNE_DEFAULT=0
