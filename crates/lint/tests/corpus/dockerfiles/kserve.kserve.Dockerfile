# source: https://github.com/kserve/kserve python/huggingface_server.Dockerfile
ARG CUDA_VERSION=13.3.0
FROM ubuntu:26.04 AS cuda-base
ENV NVARCH=x86_64
ENV NVIDIA_REQUIRE_CUDA="cuda>=13.3 brand=unknown,driver>=535,driver<536 brand=grid,driver>=535,driver<536 brand=tesla,driver>=535,driver<536"
ENV NV_CUDA_CUDART_VERSION=13.3.29-1
RUN apt-get update && apt-get install -y --no-install-recommends \
    gnupg2 curl ca-certificates && \
    curl -fsSLO https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2604/${NVARCH}/cuda-keyring_1.1-1_all.deb && \
    dpkg -i cuda-keyring_1.1-1_all.deb
ENV CUDA_VERSION=13.3.0
RUN apt-get update && apt-get install -y --no-install-recommends \
    cuda-cudart-13-3=${NV_CUDA_CUDART_VERSION} \
    cuda-toolkit-config-common=${NV_CUDA_CUDART_VERSION}
RUN apt-get update && \
    if apt-cache policy cuda-compat-13-3 2>/dev/null | grep -q "Candidate:"; then \
        apt-get install -y --no-install-recommends cuda-compat-13-3; \
    fi
RUN echo "/usr/local/cuda/lib64" >> /etc/ld.so.conf.d/nvidia.conf
ENV PATH=/usr/local/nvidia/bin:/usr/local/cuda/bin:${PATH}
ENV LD_LIBRARY_PATH=/usr/local/nvidia/lib:/usr/local/nvidia/lib64:/usr/local/cuda/lib64
ENV NVIDIA_VISIBLE_DEVICES=all
ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility

FROM cuda-base AS cuda-runtime
RUN apt-get update && apt-get install -y --no-install-recommends cuda-libraries-13-3
