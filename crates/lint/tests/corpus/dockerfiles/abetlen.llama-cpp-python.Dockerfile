# source: https://github.com/abetlen/llama-cpp-python docker/cuda_simple/Dockerfile
ARG CUDA_IMAGE="12.5.0-devel-ubuntu22.04"
FROM nvidia/cuda:${CUDA_IMAGE}
ENV HOST 0.0.0.0
RUN apt-get update && apt-get upgrade -y && apt-get install -y \
    build-essential gcc python3 python3-pip ocl-icd-opencl-dev clinfo \
    && mkdir -p /etc/OpenCL/vendors && echo "libnvidia-opencl.so.1" > /etc/OpenCL/vendors/nvidia.icd
ENV CUDA_DOCKER_ARCH=all
ENV GGML_CUDA=1
RUN python3 -m pip install --upgrade pip cmake scikit-build setuptools && \
    CMAKE_ARGS="-DGGML_CUDA=on" pip install llama-cpp-python
CMD python3 -m llama_cpp.server
