# source: https://github.com/felixcool200/CUDA-Raytracer-Optimized Dockerfile
ARG CUDA_VERSION=12.2.2
FROM nvidia/cuda:$CUDA_VERSION-devel-ubuntu22.04
ARG CUDA_ARCH=sm_61
COPY src /src
RUN nvcc --default-stream per-thread -arch=$CUDA_ARCH -o /gpu.out /src/main.cu
CMD ["/gpu.out"]
