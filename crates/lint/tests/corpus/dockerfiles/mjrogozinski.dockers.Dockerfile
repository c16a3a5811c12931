# source: https://github.com/mjrogozinski/dockers cuda-gl-qtc/Dockerfile.m4
FROM nvidia/cudagl:10.0-devel
ENV NVIDIA_DRIVER_CAPABILITIES ${NVIDIA_DRIVER_CAPABILITIES},display
RUN apt-get update && apt-get install -y cuda-samples-$CUDA_PKG_VERSION
include(../Dockerfile.qtc)
include(../Dockerfile.fpwork)
