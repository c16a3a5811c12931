# source: https://github.com/yoshou/stargazer .devcontainer/cuda/Dockerfile
FROM mcr.microsoft.com/devcontainers/cpp:1-ubuntu-24.04
ENV NVARCH x86_64
RUN apt-get update && apt-get install -y --no-install-recommends \
    gnupg2 curl ca-certificates\
    && curl -fsSLO https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2404/${NVARCH}/cuda-keyring_1.1-1_all.deb \
    && dpkg -i cuda-keyring_1.1-1_all.deb
ENV NV_CUDA_LIB_VERSION "12.6.3-1"
ENV NV_CUDA_CUDART_DEV_VERSION 12.6.77-1
ENV NV_LIBCUBLAS_DEV_PACKAGE_NAME libcublas-dev-12-6
ENV NV_LIBCUBLAS_DEV_PACKAGE ${NV_LIBCUBLAS_DEV_PACKAGE_NAME}=12.6.4.1-1
RUN apt-get update && apt-get install -y --no-install-recommends \
    cuda-cudart-dev-12-6=${NV_CUDA_CUDART_DEV_VERSION} \
    cuda-minimal-build-12-6=${NV_CUDA_LIB_VERSION} \
    cuda-libraries-dev-12-6=${NV_CUDA_LIB_VERSION} \
    ${NV_LIBCUBLAS_DEV_PACKAGE}
RUN apt-mark hold ${NV_LIBCUBLAS_DEV_PACKAGE_NAME}
ENV LIBRARY_PATH /usr/local/cuda/lib64/stubs
ENV TENSORRT_VERSION 10.4
RUN apt-get update && export DEBIAN_FRONTEND=noninteractive \
    && TENSORRT_MAJOR_VERSION=`echo ${TENSORRT_VERSION} | cut -d '.' -f 1` \
    && apt-get install -y libnvinfer${TENSORRT_MAJOR_VERSION}=${TENSORRT_VERSION}.* \
    libnvinfer-dev=${TENSORRT_VERSION}.*
ENV ONNXRUNTIME_VERSION 1.23.2
WORKDIR /usr/local/onnxruntime/
RUN curl -L \
    https://github.com/microsoft/onnxruntime/releases/download/v${ONNXRUNTIME_VERSION}/onnxruntime-linux-x64-gpu-${ONNXRUNTIME_VERSION}.tgz \
    -o /tmp/onnxruntime.tgz \
    && tar -zxvf /tmp/onnxruntime.tgz --strip-components 1 -C /usr/local/onnxruntime
