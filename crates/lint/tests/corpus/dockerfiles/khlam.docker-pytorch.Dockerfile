# source: https://github.com/khlam/docker-pytorch Dockerfile
FROM nvidia/cuda:12.2.0-runtime-ubuntu20.04
RUN apt-get update && apt-get install -y python3-pip && \
    apt-get clean && \ 
    rm -rf /var/lib/apt/lists/*
RUN pip3 install torch==2.0.0+cu117 torchvision==0.15.1+cu117 torchaudio==2.0.1 \
    --index-url https://download.pytorch.org/whl/cu117
