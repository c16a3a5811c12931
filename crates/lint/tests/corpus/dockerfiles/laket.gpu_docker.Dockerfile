# source: https://github.com/laket/gpu_docker xenial_cuda/Dockerfile
FROM ubuntu:xenial
ENV NVIDIA_GPGKEY_FPR 889bee522da690103c4b085ed88c3d385c37d3be
RUN apt-key adv --fetch-keys http://developer.download.nvidia.com/compute/cuda/repos/GPGKEY && \
    apt-key adv --export --no-emit-version -a $NVIDIA_GPGKEY_FPR | tail -n +5 > cudasign.pub
RUN echo "deb http://developer.download.nvidia.com/compute/machine-learning/repos/ubuntu1404/x86_64 /" > /etc/apt/sources.list.d/nvidia-ml.list
Run echo "deb http://jp.archive.ubuntu.com/ubuntu/ xenial multiverse" >> /etc/apt/sources.list.d/cuda.list
ENV CUDA_VERSION 7.5
RUN apt-get update && apt-get install -y --no-install-recommends --force-yes \
    nvidia-cuda-toolkit \
    libcudnn4=4.0.7 && \
    rm -rf /var/lib/apt/lists/*
ENV PATH /usr/lib/nvidia-cuda-toolkit/bin:/usr/local/cuda/bin:${PATH}
ENV LD_LIBRARY_PATH /usr/lib/x86_64-linux-gnu/:${LD_LIBRARY_PATH}
