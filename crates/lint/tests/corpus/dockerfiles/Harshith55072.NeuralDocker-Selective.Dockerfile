# source: https://github.com/Harshith55072/NeuralDocker-Selective ai-service/Dockerfile.nvidia
ARG CUDA_BASE_IMAGE=nvidia/cuda:12.4.1-cudnn-runtime-ubuntu22.04
FROM ${CUDA_BASE_IMAGE}
RUN apt-get update && apt-get install -y python3.10 python3-pip build-essential cmake
ARG CUDA_WHEEL_TAG=cu122
RUN python3 -m pip install \
    "llama-cpp-python==0.2.90" \
    --extra-index-url https://abetlen.github.io/llama-cpp-python/whl/${CUDA_WHEEL_TAG} --prefer-binary
COPY . /app
WORKDIR /app
RUN sed -i '/llama-cpp-python/d' requirements.txt && python3 -m pip install -r requirements.txt
CMD ["python3", "main.py"]
