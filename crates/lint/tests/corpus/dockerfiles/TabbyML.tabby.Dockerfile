# source: https://github.com/TabbyML/tabby docker/Dockerfile.cuda
ARG UBUNTU_VERSION=22.04
ARG CUDA_VERSION=11.7.1
ARG BASE_CUDA_DEV_CONTAINER=nvidia/cuda:${CUDA_VERSION}-devel-ubuntu${UBUNTU_VERSION}
ARG BASE_CUDA_RUN_CONTAINER=nvidia/cuda:${CUDA_VERSION}-runtime-ubuntu${UBUNTU_VERSION}
FROM ${BASE_CUDA_DEV_CONTAINER} AS build
ARG RUST_TOOLCHAIN=stable
RUN apt-get update && \
    apt-get install -y --no-install-recommends curl pkg-config libssl-dev protobuf-compiler git cmake
RUN curl https://sh.rustup.rs -sSf | bash -s -- --default-toolchain ${RUST_TOOLCHAIN} -y
ENV PATH="/root/.cargo/bin:${PATH}"
ENV LD_LIBRARY_PATH="/usr/local/cuda/compat/:${LD_LIBRARY_PATH}"
WORKDIR /root/workspace
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cargo build --no-default-features --features cuda,prod --release --package tabby && \
    cp target/release/tabby /opt/tabby/bin/

FROM ${BASE_CUDA_RUN_CONTAINER} AS runtime
RUN apt-get update && apt-get install -y --no-install-recommends git curl ca-certificates libgomp1
ARG TARGETARCH
RUN if [ "$TARGETARCH" = "amd64" ]; then  \
    ln -s /usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1 \
        /usr/lib/x86_64-linux-gnu/libnvidia-ml.so; \
    fi
COPY --from=build /opt/tabby /opt/tabby
ENTRYPOINT ["/opt/tabby/bin/tabby"]
