# source: https://github.com/wptoux/vllm-cu118 Dockerfile.cu118
FROM pytorch/pytorch:2.5.1-cuda11.8-cudnn9-devel
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y \
    build-essential cmake git wget \
    ibverbs-providers ibverbs-utils librdmacm-dev rdmacm-utils
RUN pip3 install -U 'xformers==0.0.28.post3' --index-url https://download.pytorch.org/whl/cu118
RUN wget https://github.com/vllm-project/vllm/releases/download/v0.7.2/vllm-0.7.2+cu118-cp38-abi3-manylinux1_x86_64.whl && pip install vllm-0.7.2+cu118-cp38-abi3-manylinux1_x86_64.whl
