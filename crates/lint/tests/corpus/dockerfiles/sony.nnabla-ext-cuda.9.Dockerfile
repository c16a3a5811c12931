# source: https://github.com/sony/nnabla-ext-cuda docker/tutorial/Dockerfile
FROM nvidia/cuda:11.0-cudnn8-runtime-ubuntu20.04
ARG PIP_INS_OPTS
ARG APT_OPTS
ARG NNABLA_VER
RUN eval ${APT_OPTS} \
    && apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates curl python3.8 python3-pip git \
    && rm -rf /var/lib/apt/lists/*
RUN pip3 install ${PIP_INS_OPTS} --upgrade pip
RUN pip install ${PIP_INS_OPTS} opencv-python || true
RUN pip install --extra-index-url https://developer.download.nvidia.com/compute/redist nvidia-dali-cuda110 \
    || echo "Skip DALI installation (CUDA=11.0)"
RUN pip install ${PIP_INS_OPTS} nnabla-ext-cuda110==${NNABLA_VER}
