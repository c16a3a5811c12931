# source: https://github.com/Spritaro/condinst_tensorrt docker/Dockerfile.jetson
FROM nvcr.io/nvidia/l4t-pytorch:r32.6.1-pth1.9-py3
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y git libgl1-mesa-dev pkg-config python3-dev wget
ARG USERNAME=appuser
ARG USER_UID=1000
RUN useradd --uid $USER_UID --groups video -m $USERNAME \
    && echo $USERNAME ALL=\(root\) NOPASSWD:ALL > /etc/sudoers.d/$USERNAME
USER $USERNAME
WORKDIR /home/$USERNAME
ENV PATH=/home/appuser/.local/bin:${PATH}
RUN wget https://bootstrap.pypa.io/pip/3.6/get-pip.py && \
	python3 get-pip.py --user && \
	rm get-pip.py
RUN pip3 install \
    opencv-python==4.5.5.64 \
    pytorch-lightning==1.5.10
