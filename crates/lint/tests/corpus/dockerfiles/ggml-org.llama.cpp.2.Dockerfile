# source: https://github.com/ggml-org/llama.cpp .devops/llama-server-cuda.Dockerfile
ARG UBUNTU_VERSION=22.04
ARG CUDA_VERSION=12.6.0
ARG BASE_CUDA_DEV_CONTAINER=nvidia/cuda:${CUDA_VERSION}-devel-ubuntu${UBUNTU_VERSION}
ARG BASE_CUDA_RUN_CONTAINER=nvidia/cuda:${CUDA_VERSION}-runtime-ubuntu${UBUNTU_VERSION}

FROM ${BASE_CUDA_DEV_CONTAINER} AS build
ARG CUDA_DOCKER_ARCH=default
RUN apt-get update && \
    apt-get install -y build-essential git cmake libcurl4-openssl-dev
WORKDIR /app
COPY . .
<<<<<<< HEAD
RUN cmake -B build -DGGML_CUDA=ON -DLLAMA_CURL=ON ${CMAKE_ARGS} . && \
    cmake --build build --config Release --target llama-server -j$(nproc)

=======
ENV CUDA_DOCKER_ARCH=${CUDA_DOCKER_ARCH}
ENV GGML_CUDA=1
RUN make -j$(nproc) llama-server

>>>>>>> master
FROM ${BASE_CUDA_RUN_CONTAINER} AS runtime
RUN apt-get update && \
    apt-get install -y libcurl4-openssl-dev libgomp1 curl
COPY --from=build /app/build/bin/llama-server /llama-server
HEALTHCHECK CMD [ "curl", "-f", "http://localhost:8080/health" ]
HEALTHCHECK CMD [ "curl", "-f", "http://localhost:8080/health" ]
ENTRYPOINT [ "/llama-server" ]
