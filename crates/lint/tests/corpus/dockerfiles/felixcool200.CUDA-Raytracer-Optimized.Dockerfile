# source: https://github.com/felixcool200/CUDA-Raytracer-Optimized Dockerfile
ARG CUDA_VERSION=12.2.2
FROM nvidia/cuda:$CUDA_VERSION-devel-ubuntu22.04
WORKDIR /app
ARG CUDA_ARCH=sm_61
COPY . .
RUN nvcc --default-stream per-thread -arch=$CUDA_ARCH -o /app/gpu.out /app/src/main.cu
CMD ["/app/gpu.out"]
