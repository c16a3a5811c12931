# source: https://github.com/SwissDataScienceCenter/renkulab-docker docker/cuda/Dockerfile
ARG RENKU_BASE=renku/renkulab-py:latest
FROM $RENKU_BASE
USER root
SHELL ["/bin/bash", "-c", "-o", "pipefail"]
RUN apt-get update && apt-get install -y --no-install-recommends \
    gnupg2 curl ca-certificates && \
    curl -fsSL https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2004/x86_64/7fa2af80.pub | apt-key add - && \
    echo "deb https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2004/x86_64 /" > /etc/apt/sources.list.d/cuda.list && \
    apt-key adv --fetch-keys http://developer.download.nvidia.com/compute/cuda/repos/ubuntu2004/x86_64/3bf863cc.pub
ARG CUDA_VERSION=11.2
ARG CUDA_CUDART_PACKAGE=cuda-cudart-11-2=11.2.152-1
ARG CUDA_COMPAT_PACKAGE=cuda-compat-11-2
ARG EXTRA_LIBRARIES=""
ARG LIBCUDNN_PACKAGE="libcudnn8=8.1.1.33-1+cuda11.2"
RUN apt-get update && apt-get install -y --no-install-recommends \
    $CUDA_CUDART_PACKAGE \
    $CUDA_COMPAT_PACKAGE \
    $EXTRA_LIBRARIES \
    ${LIBCUDNN_PACKAGE} \
    && ln -s cuda-${CUDA_VERSION} /usr/local/cuda
ENV LD_LIBRARY_PATH /usr/local/nvidia/lib:/usr/local/nvidia/lib64
ENV NVIDIA_VISIBLE_DEVICES all
ENV NVIDIA_DRIVER_CAPABILITIES compute,utility
ENV NVIDIA_REQUIRE_CUDA "cuda>=11.0 brand=tesla,driver>=418,driver<419 brand=tesla,driver>=440,driver<441 brand=tesla,driver>=450,driver<451"
ENV LD_LIBRARY_PATH /usr/local/cuda/extras/CUPTI/lib64:/usr/local/cuda/lib64:$LD_LIBRARY_PATH
RUN if [[ -d /usr/local/cuda/lib64/stubs ]] ; \
    then ln -s /usr/local/cuda/lib64/stubs/libcuda.so /usr/local/cuda/lib64/stubs/libcuda.so.1 \
    && echo "/usr/local/cuda/lib64/stubs" > /etc/ld.so.conf.d/z-cuda-stubs.conf \
    && ldconfig ; \
    else \
    echo "libcuda stubs folder does not exist, skipping linking" ; \ 
    fi
USER $NB_USER
