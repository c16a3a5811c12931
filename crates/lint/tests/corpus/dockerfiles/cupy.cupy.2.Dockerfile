# source: https://github.com/cupy/cupy .pfnci/linux/tests/cuda-rapids.Dockerfile
ARG BASE_IMAGE="rapidsai/base:25.02-cuda12.8-py3.11"
FROM ${BASE_IMAGE}
USER root
RUN apt-get -qqy update && \
    apt-get -qqy install build-essential cuda-toolkit-12-8 ccache
ENV CUDA_PATH="/usr/local/cuda" PATH="/usr/lib/ccache:${PATH}"
