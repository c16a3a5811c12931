# source: https://github.com/facebookresearch/maskrcnn-benchmark docker/Dockerfile
ARG CUDA="9.0"
ARG CUDNN="7"

FROM nvidia/cuda:${CUDA}-cudnn${CUDNN}-devel-ubuntu16.04

RUN echo 'debconf debconf/frontend select Noninteractive' | debconf-set-selections
RUN apt-get update -y \
 && apt-get install -y apt-utils git curl ca-certificates bzip2 cmake g++ \
 && apt-get install -y libglib2.0-0 libsm6 libxext6 libxrender-dev
RUN curl -so /miniconda.sh https://repo.continuum.io/miniconda/Miniconda3-latest-Linux-x86_64.sh \
 && chmod +x /miniconda.sh \
 && /miniconda.sh -b -p /miniconda
ENV PATH=/miniconda/bin:$PATH
RUN /miniconda/bin/conda create -y --name py36 python=3.6.7
ENV CONDA_DEFAULT_ENV=py36
ENV CONDA_PREFIX=/miniconda/envs/$CONDA_DEFAULT_ENV
ENV PATH=$CONDA_PREFIX/bin:$PATH
RUN pip install requests ninja yacs cython
# again, as FROM ended its scope
ARG CUDA
RUN conda install pytorch-nightly cudatoolkit=${CUDA} -c pytorch
RUN git clone https://github.com/NVIDIA/apex.git \
 && cd apex \
 && python setup.py install --cuda_ext --cpp_ext
ARG FORCE_CUDA="1"
ENV FORCE_CUDA=${FORCE_CUDA}
RUN git clone https://github.com/facebookresearch/maskrcnn-benchmark.git \
 && cd maskrcnn-benchmark \
 && python setup.py build develop
