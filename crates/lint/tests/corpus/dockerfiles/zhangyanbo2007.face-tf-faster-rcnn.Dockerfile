# source: https://github.com/zhangyanbo2007/face-tf-faster-rcnn docker/Dockerfile.cuda-8.0
FROM nvidia/cuda:8.0-cudnn5-devel
WORKDIR /
RUN apt-get update && \
  apt-get install python-pip \
                  python-dev \
                  python-opencv \
                  cmake \
                  cython \
                  git \
                  -y
RUN pip install --upgrade pip
RUN pip install image \
                scipy \
                easydict \
                tensorflow-gpu
RUN git clone https://github.com/pdollar/coco.git
WORKDIR /root/coco/PythonAPI
RUN make
ENV LD_LIBRARY_PATH $LD_LIBRARY_PATH:/usr/local/cuda/lib64
ENV CUDA_HOME /usr/local/cuda
RUN ldconfig
