# source: https://github.com/OpenNMT/CTranslate2 examples/wngt2020/Dockerfile.gpu
FROM nvidia/cuda:10.2-devel-ubuntu18.04 as builder
RUN apt-get update && \
    apt-get install -y --no-install-recommends build-essential ca-certificates git wget && \
    rm -rf /var/lib/apt/lists/*
WORKDIR /root
ENV CMAKE_VERSION=3.18.4
RUN wget -q https://github.com/Kitware/CMake/releases/download/v$CMAKE_VERSION/cmake-$CMAKE_VERSION-Linux-x86_64.tar.gz && \
    tar xf *.tar.gz
ENV PATH=$PATH:/root/cmake-$CMAKE_VERSION-Linux-x86_64/bin
ENV CUDA_ARCH_LIST="7.5"
RUN git clone https://github.com/OpenNMT/CTranslate2.git && \
    cd CTranslate2 && mkdir build && cd build && \
    cmake -DCMAKE_CXX_FLAGS=${CXX_FLAGS} -DLIB_ONLY=ON -DWITH_CUDA=ON -DWITH_MKL=OFF -DCUDA_ARCH_LIST="${CUDA_ARCH_LIST}" .. && \
    VERBOSE=1 make -j4 install
ENV LD_LIBRARY_PATH=/opt/intel/lib/intel64/
RUN mkdir /opt/wngt2020 && \
    cp -P /usr/lib/x86_64-linux-gnu/libcublas*.so* /opt/wngt2020 && \
    cp /usr/local/lib/libctranslate2.so /opt/wngt2020

FROM nvidia/cuda:10.2-base-ubuntu18.04
COPY --from=builder /opt/wngt2020 /opt/wngt2020
ENV LD_LIBRARY_PATH=/opt/wngt2020
ARG MODEL_PATH
COPY ${MODEL_PATH} /model
COPY run.sh /
