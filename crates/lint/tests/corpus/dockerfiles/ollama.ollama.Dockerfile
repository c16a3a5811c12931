# source: https://github.com/ollama/ollama Dockerfile
ARG FLAVOR=${TARGETARCH}
ARG ROCMVERSION=7.2.1
ARG JETPACK6VERSION=r36.4.0
FROM scratch AS local-mlx
FROM --platform=linux/amd64 rocm/dev-almalinux-8:${ROCMVERSION}-complete AS base-amd64
RUN dnf install -y yum-utils gcc-toolset-13-gcc-c++ cmake \
    && yum-config-manager --add-repo https://developer.download.nvidia.com/compute/cuda/repos/rhel8/x86_64/cuda-rhel8.repo
FROM --platform=linux/arm64 almalinux:8 AS base-arm64
RUN yum install -y yum-utils epel-release clang cmake \
    && yum-config-manager --add-repo https://developer.download.nvidia.com/compute/cuda/repos/rhel8/sbsa/cuda-rhel8.repo
FROM base-${TARGETARCH} AS base
FROM base AS cuda-13-deps
ARG CUDA13VERSION=13.0
RUN dnf install -y cuda-toolkit-${CUDA13VERSION//./-}
ENV PATH=/usr/local/cuda-13/bin:$PATH
FROM cuda-13-deps AS llama-server-cuda_v13
COPY llama/server llama/server
RUN --mount=type=cache,target=/root/.ccache \
    cmake -S llama/server --preset llama_cuda_v13_linux \
        && cmake --build build/llama-server-cuda_v13 -- -l $(nproc)
FROM --platform=linux/arm64 nvcr.io/nvidia/l4t-jetpack:${JETPACK6VERSION} AS jetpack-6
RUN apt-get update && apt-get install -y curl git cmake
COPY llama/server llama/server
RUN cmake -S llama/server --preset llama_cuda_jetpack6 && cmake --build build
FROM --platform=linux/amd64 scratch AS amd64
COPY --from=llama-server-cuda_v13 dist/lib/ollama /lib/ollama/
FROM --platform=linux/arm64 scratch AS arm64
COPY --from=llama-server-cuda_v13 dist/lib/ollama /lib/ollama/
COPY --from=jetpack-6 dist/lib/ollama/ /lib/ollama/
FROM ${FLAVOR} AS image-archive
FROM ubuntu:24.04
RUN apt-get update && apt-get install -y ca-certificates libvulkan1 libopenblas0
COPY --from=image-archive /lib/ollama /usr/lib/ollama
ENV LD_LIBRARY_PATH=/usr/local/nvidia/lib:/usr/local/nvidia/lib64
ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility
ENV NVIDIA_VISIBLE_DEVICES=all
ENTRYPOINT ["/bin/ollama"]
CMD ["serve"]
