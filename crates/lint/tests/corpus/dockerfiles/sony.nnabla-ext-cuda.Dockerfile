# source: https://github.com/sony/nnabla-ext-cuda docker/development/Dockerfile.build-mpi
ARG CUDA_VERSION_MAJOR=11
ARG CUDA_VERSION_MINOR=0.3
ARG CUDNN_VERSION=8
FROM rockylinux:8 as openmpi
ARG DNF_OPTS
ARG MPIVER=3.1.6
RUN eval ${DNF_OPTS} && dnf install -y gcc gcc-c++ make rpm-build wget

FROM nvidia/cuda:${CUDA_VERSION_MAJOR}.${CUDA_VERSION_MINOR}-cudnn${CUDNN_VERSION}-devel-rockylinux8
ARG DNF_OPTS
ARG CURL_OPTS
ARG BUILD_WITH_CUTENSOR=True
RUN eval ${DNF_OPTS} \
    && curl ${CURL_OPTS} -L https://developer.download.nvidia.com/compute/cuda/repos/rhel8/x86_64/D42D0685.pub -o D42D0685.pub \
    && rpm --import D42D0685.pub \
    && dnf install -y epel-release dnf-plugins-core \
    && dnf config-manager --set-enabled powertools \
    && dnf config-manager --add-repo https://developer.download.nvidia.com/compute/cuda/repos/rhel8/x86_64/cuda-rhel8.repo \
    && dnf install -y git wget which nsight-systems-2023.2.3 \
    && if [ "${BUILD_WITH_CUTENSOR}" == "True" ]; then dnf install -y libcutensor-devel-1.7.0.1; fi \
    && dnf group install -y "Development Tools"
