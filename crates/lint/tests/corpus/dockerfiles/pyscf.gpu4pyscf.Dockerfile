# source: https://github.com/pyscf/gpu4pyscf dockerfiles/ubuntu_devel/Dockerfile
FROM nvidia/cuda:12.8.2-devel-ubuntu24.04
RUN apt-get update -y && \
    apt-get install -y --no-install-recommends \
    git libopenblas-dev gfortran python3-dev python3-pip python3-wheel python3-setuptools && \
    rm -rf /var/lib/apt/lists/*
ENV CUDA_HOME="/usr/local/cuda" LD_LIBRARY_PATH="${CUDA_HOME}/lib64::${LD_LIBRARY_PATH}"
RUN echo "export PATH=${CUDA_HOME}/bin:\$PATH" >> /etc/bash.bashrc
RUN pip3 config set global.break-system-packages true
RUN pip3 install --no-cache-dir cmake pytest
RUN pip3 install --no-cache-dir pyscf==2.14.0 basis-set-exchange==0.11
RUN pip3 install --no-cache-dir cupy-cuda12x==13.4.1
