# source: https://github.com/TransformerOptimus/SuperAGI Dockerfile-gpu
ARG CUDA_IMAGE="12.1.1-devel-ubuntu22.04"
FROM nvidia/cuda:${CUDA_IMAGE}
RUN apt-get update \
    && apt-get install -y git build-essential gcc python3 python3-pip python3.10-venv \
    ocl-icd-opencl-dev opencl-headers clinfo libclblast-dev libopenblas-dev
RUN mkdir -p /etc/OpenCL/vendors && echo "libnvidia-opencl.so.1" > /etc/OpenCL/vendors/nvidia.icd
RUN python3 -m venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH" \
    CUDA_DOCKER_ARCH=all \
    LLAMA_CUBLAS=1
COPY requirements.txt /tmp/
RUN pip install -r /tmp/requirements.txt
RUN CMAKE_ARGS="-DLLAMA_CUBLAS=on" pip install llama-cpp-python==0.2.7 --force-reinstall --upgrade --no-cache-dir
