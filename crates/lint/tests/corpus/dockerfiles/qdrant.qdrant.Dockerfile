# source: https://github.com/qdrant/qdrant Dockerfile
ARG GPU
FROM --platform=${BUILDPLATFORM:-linux/amd64} tonistiigi/xx AS xx
FROM --platform=${BUILDPLATFORM:-linux/amd64} lukemathwalker/cargo-chef:latest-rust-1.97.1-bookworm  AS chef
FROM chef AS builder
WORKDIR /qdrant
COPY --from=xx / /
ARG TARGETPLATFORM
ENV TARGETPLATFORM=${TARGETPLATFORM:-linux/amd64}
ARG PROFILE=release
ARG FEATURES
ARG LINKER=mold
ARG GPU
COPY . .
RUN RUSTFLAGS="${LINKER:+-C link-arg=-fuse-ld=}$LINKER $RUSTFLAGS" \
    xx-cargo build --profile $PROFILE ${FEATURES:+--features} $FEATURES ${GPU:+--features=gpu} --bin qdrant

FROM debian:13-slim AS qdrant-cpu

FROM nvidia/opengl:1.2-glvnd-devel-ubuntu22.04 AS qdrant-gpu-nvidia
COPY --from=builder /qdrant/lib/gpu/nvidia_icd.json /etc/vulkan/icd.d/

FROM rocm/dev-ubuntu-22.04 AS qdrant-gpu-amd

FROM qdrant-${GPU:+gpu-}${GPU:-cpu} AS qdrant
ARG GPU
RUN if [ -n "$GPU" ]; then \
    apt-get update \
    && apt-get install -y \
    libvulkan1 \
    vulkan-tools \
    ; fi
ARG SOURCES
ENV DIR=${SOURCES:+/qdrant/src}
COPY --from=builder ${DIR:-/null?} $DIR/
CMD ["./entrypoint.sh"]
