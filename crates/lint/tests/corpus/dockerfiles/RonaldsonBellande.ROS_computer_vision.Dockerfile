# source: https://github.com/RonaldsonBellande/ROS_computer_vision gpu.Dockerfile
FROM ubuntu:20.04 as base_build
FROM nvidia/cuda:11.2.1-base-ubuntu20.04
ENV CUDNN_VERSION=8.1.0.77
ENV TF_TENSORRT_VERSION=7.2.2
ENV CUDA=11.2
ENV LD_LIBRARY_PATH /usr/local/cuda/extras/CUPTI/lib64:$LD_LIBRARY_PATH
RUN apt-get update -y
COPY requirements.txt system_requirements.txt ./
RUN apt-get update && apt-get install -y --no-install-recommends <system_requirements.txt \
  && rm -rf /var/lib/apt/lists/*
RUN apt-get update && apt-get install -y \
  python3.8 python3.8-dev python3-pip python3.8-venv
RUN pip --no-cache-dir install -r requirements.txt
RUN echo "source /opt/ros/noetic/setup.bash" >> ~/.bashrc
RUN source ~/.bashrc
