# source: https://github.com/KindRoach/learn-triton .devcontainer/cuda/Dockerfile
FROM nvcr.io/nvidia/pytorch:26.05-py3
RUN pip3 install triton && apt-get update && apt-get install -y sudo
RUN echo "ubuntu ALL=(root) NOPASSWD:ALL" > /etc/sudoers.d/ubuntu
USER ubuntu
