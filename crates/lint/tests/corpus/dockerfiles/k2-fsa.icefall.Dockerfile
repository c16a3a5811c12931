# source: https://github.com/k2-fsa/icefall docker/torch1.13.0-cuda11.6.dockerfile
FROM pytorch/pytorch:1.13.0-cuda11.6-cudnn8-runtime
ENV LC_ALL C.UTF-8
ARG K2_VERSION="1.24.4.dev20240223+cuda11.6.torch1.13.0"
ARG KALDIFEAT_VERSION="1.25.4.dev20240223+cuda11.6.torch1.13.0"
ARG TORCHAUDIO_VERSION="0.13.0+cu116"
RUN apt-get update && \
    apt-get install -y --no-install-recommends \
        curl \
    	libssl-dev \
        g++ git make \
    && rm -rf /var/lib/apt/lists/*
RUN pip install --no-cache-dir \
      torchaudio==${TORCHAUDIO_VERSION} -f https://download.pytorch.org/whl/torch_stable.html \
      k2==${K2_VERSION} -f https://k2-fsa.github.io/k2/cuda.html \
      kaldifeat==${KALDIFEAT_VERSION} -f https://csukuangfj.github.io/kaldifeat/cuda.html \
      sentencepiece>=0.1.96 \
      tqdm>=4.63.0
WORKDIR /workspace/icefall
