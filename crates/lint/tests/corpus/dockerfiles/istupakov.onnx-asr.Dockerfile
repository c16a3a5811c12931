# source: https://github.com/istupakov/onnx-asr .devcontainer/cuda/Dockerfile
FROM nvidia/cuda:13.2.1-cudnn-runtime-ubuntu24.04
# TensorRT beside CUDA
RUN apt-get update && apt-get install -y --no-install-recommends \
    libnvinfer10="*+cuda${CUDA_VERSION%.*}" \
    libnvonnxparsers10="*+cuda${CUDA_VERSION%.*}" \
    build-essential \
    && apt-mark hold libnvinfer10 libnvonnxparsers10 \
    && rm -rf /var/lib/apt/lists/*
