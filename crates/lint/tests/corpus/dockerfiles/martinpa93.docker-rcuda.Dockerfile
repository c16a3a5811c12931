# source: https://github.com/martinpa93/docker-rcuda apps/gromacs/gromacs.dockerfile
# Gromacs
FROM nvidia/cuda:10.0-cudnn7-devel-ubuntu18.04
ARG jobs=1
ARG topdir=/install/gromacs/build
ENV topdir $topdir
RUN apt update && export DEBIAN_FRONTEND=noninteractive && apt install --no-install-recommends -y \
    build-essential \
    wget \
    cmake \
    chrpath 
WORKDIR /install/gromacs
RUN wget http://ftp.gromacs.org/pub/gromacs/gromacs-2019.tar.gz && \
    tar zxf gromacs-2019.tar.gz && mkdir -p $topdir gromacs-2019/build && cd gromacs-2019/build && \
    cmake .. -DGMX_BUILD_OWN_FFTW=ON -DGMX_GPU=CUDA -DCMAKE_INSTALL_PREFIX=$topdir \
      -DCUDA_NVCC_FLAGS:STRING="-gencode;arch=compute_30,code=sm_30;-gencode;arch=compute_35,code=sm_35;-gencode;arch=compute_37,code=sm_37;-gencode;arch=compute_60,code=sm_60;-cudart=shared" \
      -DCUDA_USE_STATIC_CUDA_RUNTIME:BOOL=OFF && \
    make -j$jobs && \
    chrpath -r '' bin/* && make install
RUN rm -rf gromacs-2019/ gromacs-2019.tar.gz