# source: https://github.com/blue-oil/blueoil docker/Dockerfile
FROM nvidia/cuda:10.0-cudnn7-devel-ubuntu18.04 AS base
ENV LD_LIBRARY_PATH=/usr/local/cuda/extras/CUPTI/lib64:${LD_LIBRARY_PATH} \
    CUDA_HOME=/usr/local/cuda-10.0
RUN apt-get update && apt-get install -y \
    cmake locales\
    python3 python3-dev python3-pip python3-wheel \
    make build-essential wget \
    g++-8 \
    && \
    apt-get clean
RUN update-alternatives --install /usr/bin/gcc gcc /usr/bin/gcc-8 80 --slave /usr/bin/g++ g++ /usr/bin/g++-8
RUN cd /tmp && wget https://www.open-mpi.org/software/ompi/v4.0/downloads/openmpi-4.0.1.tar.gz && \
    tar zxf openmpi-4.0.1.tar.gz && cd openmpi-4.0.1 && \
    ./configure --enable-orterun-prefix-by-default && make -j $(nproc) all && make install && ldconfig
WORKDIR /home/blueoil
RUN pip3 install -U pip setuptools

FROM base AS blueoil-base
COPY setup.* /home/blueoil/
ENV HOROVOD_GPU_ALLREDUCE=NCCL \
    HOROVOD_WITH_TENSORFLOW=1
RUN ldconfig /usr/local/cuda-10.0/targets/x86_64-linux/lib/stubs && \
    pip install -e .[gpu,test,docs] && \
    pip install -e .[dist] && \
    ldconfig
