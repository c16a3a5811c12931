# source: https://github.com/mlcommons/training retired_benchmarks/maskrcnn/Dockerfile
FROM pytorch/pytorch:1.10.0-cuda11.3-cudnn8-devel
RUN echo 'debconf debconf/frontend select Noninteractive' | debconf-set-selections
RUN apt-key adv --fetch-keys https://developer.download.nvidia.com/compute/cuda/repos/ubuntu1804/x86_64/3bf863cc.pub
RUN apt-get update -y \
 && apt-get install -y apt-utils \
                       libglib2.0-0=2.56.1-2ubuntu1 \
                       libsm6=2:1.2.2-1
RUN pip install ninja==1.8.2.post2 \
                yacs==0.1.5 \
                cython==0.29.5 \
                torchvision==0.2.2 \
                pycocotools==2.0.2
WORKDIR /workspace/object_detection
COPY . .
RUN cd pytorch \
 && rm -rf build/ \
 && python setup.py clean build develop --user
