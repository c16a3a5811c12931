# source: https://github.com/marian-nmt/marian-dev contrib/triton-aml/Dockerfile
# 'mcr.microsoft.com/mirror/nvcr/' can be left out
FROM mcr.microsoft.com/mirror/nvcr/nvidia/cuda:10.2-cudnn7-devel-ubuntu18.04 AS BUILDER
RUN apt-get update --fix-missing
RUN apt-get install -y curl git autoconf automake libtool make g++ unzip cmake build-essential cpio
RUN git clone --no-checkout https://github.com/protocolbuffers/protobuf.git
WORKDIR /protobuf
RUN git checkout tags/v3.8.0 && ./autogen.sh
RUN ./configure --disable-shared --prefix=/usr CFLAGS="-fPIC" CXXFLAGS="-fPIC" && \
    make && \
    make install && \
    ldconfig # the cache of libraries
WORKDIR /
RUN git clone --no-checkout https://github.com/marian-nmt/marian-dev
WORKDIR marian-dev
RUN git checkout dad48865fd3b7f1d7b891de81040f7651e824510
WORKDIR /marian-dev/build
RUN cmake .. -DCOMPILE_CPU=on -DCOMPILE_CUDA=on -DUSE_STATIC_LIBS=off -DCUDA_cublas_device_LIBRARY=/usr/lib/x86_64-linux-gnu/libcublas.so
RUN make -j $(grep -c ^processor /proc/cpuinfo)

FROM mcr.microsoft.com/mirror/nvcr/nvidia/tritonserver:22.03-py3
COPY --from=BUILDER /marian-dev/build/libmarian.a /usr/lib/libcmarian.a
COPY --from=BUILDER /marian-dev/build/src/libmarian_cuda.a /usr/lib/libcmarian_cuda.a
RUN apt-get update && \
    apt-get install -y --no-install-recommends build-essential git rapidjson-dev
RUN wget https://github.com/Kitware/CMake/releases/download/v3.19.0-rc1/cmake-3.19.0-rc1-Linux-x86_64.sh
RUN sh cmake-3.19.0-rc1-Linux-x86_64.sh --prefix=/usr/local --exclude-subdir
ADD marian_backend /opt/tritonserver/marian_backend
WORKDIR /opt/tritonserver/marian_backend/build
RUN cmake -DCMAKE_INSTALL_PREFIX:PATH=`pwd`/install .. && \
    make install
