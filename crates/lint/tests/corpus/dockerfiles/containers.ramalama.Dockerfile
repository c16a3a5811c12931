# source: https://github.com/containers/ramalama container-images/cuda/Containerfile
ARG CUDA_VERSION=12.9.2
FROM docker.io/nvidia/cuda:${CUDA_VERSION}-devel-ubi9 AS builder
COPY container-images/scripts/build_llama.sh \
     container-images/scripts/lib.sh \
     /src/
WORKDIR /src/
RUN ./build_llama.sh cuda

FROM docker.io/nvidia/cuda:${CUDA_VERSION}-runtime-ubi9
RUN --mount=type=bind,from=builder,source=/tmp/install,target=/tmp/install,relabel=private \
    cp -a /tmp/install/bin/ /usr/ && \
    cp -a /tmp/install/lib64/*.so* /usr/lib64/
RUN --mount=type=bind,target=/src,relabel=private \
    cp -a /src /var/tmp/ramalama && \
    python3 -m pip \
            --no-cache-dir \
            install \
            --prefix=/usr \
            /var/tmp/ramalama
ENTRYPOINT []
CMD ["/bin/bash"]
