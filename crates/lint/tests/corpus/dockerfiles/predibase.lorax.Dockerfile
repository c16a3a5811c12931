# source: https://github.com/predibase/lorax Dockerfile
FROM lukemathwalker/cargo-chef:latest-rust-1.83 AS chef
WORKDIR /usr/src
FROM chef AS builder
COPY Cargo.toml Cargo.toml
RUN cargo build --release

FROM nvidia/cuda:12.4.0-devel-ubuntu22.04 as pytorch-install
ARG PYTORCH_VERSION=2.4.0
ARG CUDA_VERSION=12.4
ARG TARGETPLATFORM
ENV PATH /opt/conda/bin:$PATH
RUN apt-get update && apt-get install -y --no-install-recommends build-essential ca-certificates curl git
RUN curl -fsSL -o ~/mambaforge.sh https://github.com/conda-forge/miniforge/releases/download/24.3.0-0/Mambaforge-24.3.0-0-Linux-x86_64.sh && \
    bash ~/mambaforge.sh -b -p /opt/conda
RUN case ${TARGETPLATFORM} in \
    "linux/arm64")  exit 1 ;; \
    *)              /opt/conda/bin/conda install -c pytorch -c nvidia -y python=3.10 "pytorch=$PYTORCH_VERSION" "pytorch-cuda=$(echo $CUDA_VERSION | cut -d'.' -f 1-2)"  ;; \
    esac

FROM pytorch-install as kernel-builder
RUN apt-get update && apt-get install -y --no-install-recommends ninja-build cmake
FROM kernel-builder as exllama-kernels-builder
WORKDIR /usr/src
COPY server/exllama_kernels/ .
RUN TORCH_CUDA_ARCH_LIST="8.0;8.6+PTX" python setup.py build

FROM nvidia/cuda:12.4.0-base-ubuntu22.04 as base
ENV PATH=/opt/conda/bin:$PATH \
    CONDA_PREFIX=/opt/conda
COPY --from=pytorch-install /opt/conda /opt/conda
COPY --from=exllama-kernels-builder /usr/src/build/lib.linux-x86_64-cpython-310 /opt/conda/lib/python3.10/site-packages
RUN pip install --no-cache-dir flashinfer==0.1.6 -i https://flashinfer.ai/whl/cu124/torch2.4
COPY --from=builder /usr/src/target/release/lorax-launcher /usr/local/bin/lorax-launcher
RUN apt-get update && apt-get install -y --no-install-recommends build-essential g++

FROM base
ENTRYPOINT ["lorax-launcher"]
CMD ["--json-output"]
