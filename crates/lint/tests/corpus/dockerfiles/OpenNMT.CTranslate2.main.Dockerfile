# source: https://github.com/OpenNMT/CTranslate2 docker/Dockerfile
FROM nvidia/cuda:12.8.1-cudnn-devel-ubuntu22.04 AS builder
RUN apt-get update && \
    apt-get install -y --no-install-recommends python3-dev python3-pip wget
RUN python3 -m pip --no-cache-dir install cmake==3.22.*
COPY third_party third_party
COPY src src
COPY CMakeLists.txt .
ARG CXX_FLAGS
ENV CXX_FLAGS=${CXX_FLAGS:-"-msse4.1"}
ARG CUDA_NVCC_FLAGS
ENV CUDA_NVCC_FLAGS=${CUDA_NVCC_FLAGS:-"-Xfatbin=-compress-all"}
ARG CUDA_ARCH_LIST
ENV CUDA_ARCH_LIST=${CUDA_ARCH_LIST:-"Common"}
ENV CTRANSLATE2_ROOT=/opt/ctranslate2
RUN mkdir build_tmp && \
    cd build_tmp && \
    cmake -DCMAKE_INSTALL_PREFIX=${CTRANSLATE2_ROOT} \
          -DWITH_CUDA=ON -DWITH_CUDNN=ON -DOPENMP_RUNTIME=COMP \
          -DCUDA_NVCC_FLAGS="${CUDA_NVCC_FLAGS}" -DCUDA_ARCH_LIST="${CUDA_ARCH_LIST}" .. && \
    VERBOSE=1 make -j$(nproc) install

FROM nvidia/cuda:12.8.1-base-ubuntu22.04
RUN apt-get update && \
    apt-get install -y --no-install-recommends \
        libcublas-12-8=12.8.4.1-1 \
        libcudnn9-cuda-12=9.10.2.21-1 \
        libnccl2=2.26.2-1+cuda12.8 \
        python3-pip \
        && \
    apt-get purge -y cuda-compat-12-8
ENV CTRANSLATE2_ROOT=/opt/ctranslate2
ENV LD_LIBRARY_PATH=$LD_LIBRARY_PATH:$CTRANSLATE2_ROOT/lib
COPY --from=builder $CTRANSLATE2_ROOT $CTRANSLATE2_ROOT
RUN python3 -m pip --no-cache-dir install $CTRANSLATE2_ROOT/*.whl
ENTRYPOINT ["/opt/ctranslate2/bin/ct2-translator"]
