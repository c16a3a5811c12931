# source: https://github.com/EricLBuehler/mistral.rs Dockerfile.cuda-13.0-ubi9
FROM nvidia/cuda:13.0.2-cudnn-devel-ubi9 AS builder
RUN dnf install -y git
RUN curl https://sh.rustup.rs -sSf | bash -s -- -y
ENV PATH="/root/.cargo/bin:${PATH}"
WORKDIR /mistralrs
COPY . .
ARG CUDA_COMPUTE_CAP=80
ARG RUST_NUM_THREADS=4
ARG RUSTFLAGS="-Z threads=${RUST_NUM_THREADS}"
ARG WITH_FEATURES="cuda,cudnn"
RUN cargo build --release -p mistralrs-cli --features "${WITH_FEATURES}"

FROM nvidia/cuda:13.0.2-cudnn-runtime-ubi9
COPY --chmod=755 --from=builder /mistralrs/target/release/mistralrs /usr/local/bin/mistralrs
ENV HF_HOME=/data
ENTRYPOINT ["mistralrs"]
CMD ["--help"]
