# source: https://github.com/SJTU-IPADS/PowerInfer .devops/main-cuda.Dockerfile
ARG CUDA_VERSION=11.7.1
ARG UBUNTU_VERSION=22.04
ARG BASE_CUDA_DEV_CONTAINER=nvidia/cuda:${CUDA_VERSION}-devel-ubuntu${UBUNTU_VERSION}
ARG BASE_CUDA_RUN_CONTAINER=nvidia/cuda:${CUDA_VERSION}-runtime-ubuntu${UBUNTU_VERSION}
FROM ${BASE_CUDA_DEV_CONTAINER} as build
ARG CUDA_DOCKER_ARCH=all
ENV CUDA_DOCKER_ARCH=${CUDA_DOCKER_ARCH} \
    LLAMA_CUBLAS=1
RUN apt-get update && apt-get install -y build-essential git
COPY . /src
RUN cd /src && make
FROM ${BASE_CUDA_RUN_CONTAINER} as runtime
COPY --from=build /src/main /usr/local/bin/powerinfer
ENTRYPOINT [ "powerinfer" ]
