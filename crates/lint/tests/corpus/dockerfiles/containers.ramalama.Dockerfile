# source: https://github.com/containers/ramalama container-images/cuda/Containerfile
ARG CUDA_VERSION=12.9.2
FROM docker.io/nvidia/cuda:${CUDA_VERSION}-devel-ubi9 AS builder
COPY container-images/scripts/ /src/
RUN cd /src && ./build_llama.sh cuda

FROM docker.io/nvidia/cuda:${CUDA_VERSION}-runtime-ubi9
RUN --mount=type=bind,from=builder,source=/tmp/install,target=/tmp/install,relabel=private \
    cp -a /tmp/install/bin/ /usr/ && \
    cp -a /tmp/install/lib64/*.so* /usr/lib64/
RUN --mount=type=bind,target=/src,relabel=private \
    /src/container-images/scripts/build_llama.sh cuda runtime
ENTRYPOINT []
CMD ["/bin/bash"]
