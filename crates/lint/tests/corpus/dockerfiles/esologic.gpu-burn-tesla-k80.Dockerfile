# source: https://github.com/esologic/gpu-burn-tesla-k80 Dockerfile
ARG CUDA_VERSION=11.8.0
ARG IMAGE_DISTRO=ubi8
ARG COMPUTE_COMPATIBILITY='3.7'
FROM nvidia/cuda:${CUDA_VERSION}-devel-${IMAGE_DISTRO} AS builder
ARG COMPUTE_COMPATIBILITY
COPY . /build/
RUN cd /build && COMPUTE='${COMPUTE_COMPATIBILITY}' make

FROM nvidia/cuda:${CUDA_VERSION}-runtime-${IMAGE_DISTRO}
COPY --from=builder /build/gpu_burn /build/compare.ptx /app/
WORKDIR /app
ENTRYPOINT ["./gpu_burn"]
