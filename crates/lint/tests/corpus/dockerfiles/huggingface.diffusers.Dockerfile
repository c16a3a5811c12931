# source: https://github.com/huggingface/diffusers docker/diffusers-onnxruntime-cuda/Dockerfile
FROM nvidia/cuda:12.1.0-runtime-ubuntu20.04
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get -y update \
    && apt-get install -y software-properties-common \
    && add-apt-repository ppa:deadsnakes/ppa
RUN apt install -y build-essential git libgl1 python3.10 python3-pip python3.10-venv && \
    rm -rf /var/lib/apt/lists
RUN python3.10 -m venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
# torch first
RUN python3.10 -m pip install --no-cache-dir --upgrade pip uv==0.1.11 && \
    python3.10 -m uv pip install --no-cache-dir \
        torch \
        torchvision \
        torchaudio \
        "onnxruntime-gpu>=1.13.1" \
        --extra-index-url https://download.pytorch.org/whl/cu117 && \
    python3.10 -m uv pip install --no-cache-dir \
        accelerate \
        transformers
CMD ["/bin/bash"]