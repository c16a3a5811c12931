# source: https://github.com/NVIDIA/apex examples/docker/Dockerfile
ARG BASE_IMAGE=nvcr.io/nvidia/pytorch:23.03-py3
FROM $BASE_IMAGE
ARG BASE_IMAGE
RUN echo "base: ${BASE_IMAGE}"
RUN pip uninstall -y apex || :
RUN SHA=ToUcHMe git clone https://github.com/NVIDIA/apex.git /src/apex
RUN cd /src/apex && \
    pip install -v --no-cache-dir --global-option="--cpp_ext" --global-option="--cuda_ext" .
