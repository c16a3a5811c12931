# source: https://github.com/styler00dollar/VSGAN-tensorrt-docker Dockerfile
FROM nvidia/cuda:13.1.2-devel-ubuntu24.04 AS tensorrt-ubuntu
RUN apt update -y && apt install build-essential git wget zlib1g-dev libssl-dev -y && \
  wget https://www.python.org/ftp/python/3.12.12/Python-3.12.12.tar.xz && tar -xf Python-3.12.12.tar.xz && cd Python-3.12.12 && \
  ./configure --enable-optimizations && make -j$(nproc) && make altinstall && make install
RUN wget "https://developer.download.nvidia.com/compute/machine-learning/tensorrt/10.16.0/tars/TensorRT-10.16.0.72.Linux.x86_64-gnu.cuda-13.2.tar.gz" -O /tmp/TensorRT.tar
RUN tar -xf /tmp/TensorRT.tar -C /usr/local/ && mv /usr/local/TensorRT-10.16.0.72 /usr/local/tensorrt
ENV LD_LIBRARY_PATH=$LD_LIBRARY_PATH:/usr/local/tensorrt/targets/x86_64-linux-gnu/lib/
ARG CMAKE_CUDA_ARCHITECTURES=37;50;52;53;60;61;62;70;72;75;80;89;9.0;10.0;10.1;10.3;12.0;12.1
RUN wget https://github.com/Kitware/CMake/releases/download/v4.3.3/cmake-4.3.3-linux-x86_64.sh && sh cmake-4.3.3-linux-x86_64.sh --skip-license --prefix=/usr/local
RUN git clone --recursive https://github.com/Microsoft/onnxruntime && cd onnxruntime && \
    /bin/sh build.sh --parallel 8 --build_shared_lib --cuda_home /usr/local/cuda --use_tensorrt --tensorrt_home /usr/local/tensorrt \
      --build_wheel --cmake_extra_defines '"CMAKE_CUDA_ARCHITECTURES='${CMAKE_CUDA_ARCHITECTURES}'"'

FROM ubuntu:24.04 AS base
ENV NVIDIA_REQUIRE_CUDA="cuda>=13.0"
COPY nvidia_icd.json /etc/vulkan/icd.d/nvidia_icd.json
RUN apt-get update && apt-get install -y --no-install-recommends gnupg2 curl ca-certificates && \
  curl -fsSL https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2404/x86_64/3bf863cc.pub | apt-key add - && \
  echo "deb https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2404/x86_64 /" >/etc/apt/sources.list.d/cuda.list && \
  apt-get update && apt-get install -y --no-install-recommends \
  cuda-13-0 \
  cuda-cudart-13-0 \
  cuda-compat-13-0
ENV LD_LIBRARY_PATH=/usr/local/nvidia/lib:/usr/local/nvidia/lib64
ENV NVIDIA_VISIBLE_DEVICES=all
ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility
ENV NVIDIA_DRIVER_CAPABILITIES=all

FROM nvidia/cuda:13.1.2-runtime-ubuntu24.04 AS final
ENV NVIDIA_VISIBLE_DEVICES=all
ENV NVIDIA_DRIVER_CAPABILITIES=all
COPY --from=base /usr/local/lib/python3.12/dist-packages /usr/local/lib/python3.12/dist-packages
RUN rm -rf /usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1 /usr/lib/x86_64-linux-gnu/libcuda.so.1 \
  /usr/lib/x86_64-linux-gnu/libnvcuvid.so.1 /usr/lib/x86_64-linux-gnu/libnvidia* /usr/lib/x86_64-linux-gnu/libcuda*
COPY --from=tensorrt-ubuntu /usr/local/tensorrt/lib/libnvinfer_plugin.so* /usr/lib/x86_64-linux-gnu/
