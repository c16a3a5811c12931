# source: https://github.com/toverainc/willow-inference-server Dockerfile
FROM nvcr.io/nvidia/tensorrt:23.08-py3
WORKDIR /app
ENV TORCH_CUDA_ARCH_LIST="6.0;6.1;6.2;7.0;7.2;7.5;8.0;8.6;8.9;9.0+PTX"
RUN apt-get update && apt-get install -y \
  git-lfs \
  libavcodec-dev libavformat-dev libswscale-dev pkg-config zstd \
  && rm -rf /var/lib/apt/lists/*
RUN --mount=type=cache,target=/root/.cache pip install torch==2.2.2 torchvision==0.17.2 torchaudio==2.2.2
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache pip install -r requirements.txt
COPY . .
CMD ./entrypoint.sh
EXPOSE 19000
