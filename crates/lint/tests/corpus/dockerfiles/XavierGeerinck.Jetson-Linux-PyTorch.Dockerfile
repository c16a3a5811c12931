# source: https://github.com/XavierGeerinck/Jetson-Linux-PyTorch Dockerfile.jetson
FROM ubuntu:18.04 as cuda-devel
ARG V_CUDA_MAJOR=10
ARG V_CUDA_MINOR=2
ARG V_L4T_MAJOR=32
ARG V_L4T_MINOR=6
ENV V_CUDA_DASH=${V_CUDA_MAJOR}-${V_CUDA_MINOR}
ENV V_L4T=r${V_L4T_MAJOR}.${V_L4T_MINOR}
ARG DPKG_STATUS
RUN echo "$DPKG_STATUS" >> /var/lib/dpkg/status \
    && apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl gnupg2 \
    && curl https://repo.download.nvidia.com/jetson/jetson-ota-public.asc > /etc/apt/trusted.gpg.d/jetson-ota-public.asc \
    && echo "deb https://repo.download.nvidia.com/jetson/common ${V_L4T} main" >> /etc/apt/sources.list.d/nvidia-l4t-apt-source.list \
    && echo "deb https://repo.download.nvidia.com/jetson/t186 ${V_L4T} main" >> /etc/apt/sources.list.d/nvidia-l4t-apt-source.list \
    && apt-get update \
    && apt-get install -y --no-install-recommends \
    cuda-libraries-dev-${V_CUDA_DASH} \
    cuda-minimal-build-${V_CUDA_DASH} \
    && ln -s /usr/local/cuda-${V_CUDA_MAJOR}.${V_CUDA_MINOR} /usr/local/cuda
ENV LIBRARY_PATH=/usr/local/cuda/lib64/stubs

FROM --platform=$BUILDPLATFORM ubuntu:18.04 as downloader-pytorch
ARG V_PYTORCH=v1.10.0
RUN apt-get update && apt-get install -y --no-install-recommends git
RUN git clone --recursive --branch ${V_PYTORCH} http://github.com/pytorch/pytorch

FROM cuda-devel as builder
RUN apt-get update && apt-get install -y clang build-essential git cmake software-properties-common
RUN add-apt-repository ppa:deadsnakes/ppa \
    && apt-get update && apt-get install -y python3.9 python3.9-dev \
    && ln -s $(which python3.9) /usr/bin/python \
    && curl --silent --show-error https://bootstrap.pypa.io/get-pip.py | python
COPY --from=downloader-pytorch /pytorch /pytorch
ARG CC=clang
ARG PATH=/usr/lib/ccache:$PATH
ARG USE_CUDA=ON
ARG TORCH_CUDA_ARCH_LIST="5.3;6.2;7.2"
RUN cd /pytorch && rm build/CMakeCache.txt || : \
    && pip install -r requirements.txt && python setup.py bdist_wheel
FROM scratch as artifact
COPY --from=builder /pytorch/dist/* /
