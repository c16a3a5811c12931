# source: https://github.com/EricLBuehler/mistral.rs Dockerfile.cuda-13.0-ubi9
FROM nvidia/cuda:13.0.2-cudnn-devel-ubi9 AS builder
RUN dnf install -y git && curl https://sh.rustup.rs -sSf | bash -s -- -y
ENV PATH="/root/.cargo/bin:${PATH}"
COPY . /src
ARG CUDA_COMPUTE_CAP=80
ARG RUST_NUM_THREADS=4
ARG RUSTFLAGS="-Z threads=${RUST_NUM_THREADS}"
RUN cd /src && cargo build --release -p mistralrs-cli --features "cuda,cudnn"

FROM nvidia/cuda:13.0.2-cudnn-runtime-ubi9
COPY --chmod=755 --from=builder /src/target/release/mistralrs /usr/local/bin/
ENTRYPOINT ["mistralrs"]
CMD ["--help"]
