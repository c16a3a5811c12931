# source: https://github.com/Yagami360/openpose_wrapper docker/Dockerfile_gpu
FROM nvidia/cuda:10.1-cudnn7-devel-ubuntu18.04
ENV LC_ALL=C.UTF-8
ENV export LANG=C.UTF-8
ENV CMAKE_VER="3.16.0"
RUN apt-get update && \
    apt-get install -y --no-install-recommends python3-dev python3-pip git g++ wget make \
    libprotobuf-dev protobuf-compiler libopencv-dev libgoogle-glog-dev libboost-all-dev \
    libcaffe-cuda-dev \
    libatlas-base-dev
RUN wget https://github.com/Kitware/CMake/releases/download/v${CMAKE_VER}/cmake-${CMAKE_VER}-Linux-x86_64.tar.gz && \
    tar xzf cmake-${CMAKE_VER}-Linux-x86_64.tar.gz -C /opt
ENV PATH="/opt/cmake-${CMAKE_VER}-Linux-x86_64/bin:${PATH}"
WORKDIR /openpose_wrapper/openpose_gpu
RUN git clone https://github.com/CMU-Perceptual-Computing-Lab/openpose.git .
WORKDIR /openpose_wrapper/openpose_gpu/build
RUN cmake \
    -DBUILD_PYTHON=ON \
    -DDOWNLOAD_BODY_COCO_MODEL:Bool=ON \
    ..
RUN sed -ie 's/set(AMPERE "80 86")/#&/g'  ../cmake/Cuda.cmake && \
    sed -ie 's/set(AMPERE "80 86")/#&/g'  ../3rdparty/caffe/cmake/Cuda.cmake
RUN make -j`nproc`
RUN make install
ENV LD_LIBRARY_PATH=$LD_LIBRARY_PATH:/usr/local/lib/
