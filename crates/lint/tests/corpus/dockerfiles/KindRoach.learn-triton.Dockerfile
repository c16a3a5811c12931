# source: https://github.com/KindRoach/learn-triton .devcontainer/cuda/Dockerfile
FROM nvcr.io/nvidia/pytorch:26.05-py3
# reinstalled for the IDE
RUN pip3 install triton
RUN apt-get update && apt-get install -y sudo bash-completion \
    && echo "ubuntu ALL=(root) NOPASSWD:ALL" > /etc/sudoers.d/ubuntu \
    && chmod 0440 /etc/sudoers.d/ubuntu
