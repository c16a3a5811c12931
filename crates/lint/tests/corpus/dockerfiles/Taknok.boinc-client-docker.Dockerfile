# source: https://github.com/Taknok/boinc-client-docker Dockerfile.nvidia
FROM nvidia/cuda:12.8.0-base-ubuntu24.04
LABEL maintainer="BOINC" \
      description="NVIDIA-savvy (CUDA & OpenCL) BOINC client."
ENV DEBIAN_FRONTEND=noninteractive
COPY bin/ /usr/bin/
WORKDIR /var/lib/boinc
RUN apt-get update && apt-get install -y --no-install-recommends \
    software-properties-common \
    tzdata && \
    add-apt-repository -y ppa:costamagnagianfranco/boinc && \
    apt-get update && apt-get install -y --no-install-recommends \
    boinc-client && \
    add-apt-repository -y ppa:graphics-drivers && \
    apt-get update && apt-get install -y --install-recommends \
    nvidia-opencl-dev && \
    rm -rf /var/lib/apt/lists/*
CMD ["start-boinc.sh"]
