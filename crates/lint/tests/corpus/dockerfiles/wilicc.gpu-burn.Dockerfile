# source: https://github.com/wilicc/gpu-burn Dockerfile
ARG IMAGE_DISTRO=ubi8
ARG CUDA_VERSION=11.8.0
ARG COMPUTE=75
FROM nvidia/cuda:${CUDA_VERSION}-devel-${IMAGE_DISTRO} AS builder
ARG COMPUTE=75
COPY compare.cu gpu_burn-drv.cpp Makefile /src/
RUN make -C /src COMPUTE=${COMPUTE}
FROM nvidia/cuda:${CUDA_VERSION}-runtime-${IMAGE_DISTRO}
WORKDIR /opt/burn
COPY --from=builder /src/gpu_burn /src/compare.fatbin ./
ENTRYPOINT ["./gpu_burn"]
CMD ["60"]
