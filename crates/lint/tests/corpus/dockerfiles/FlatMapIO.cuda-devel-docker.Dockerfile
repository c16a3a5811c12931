# source: https://github.com/FlatMapIO/cuda-devel-docker docker/Dockerfile
ARG TAG=12.6.1-cudnn-devel-ubuntu22.04
FROM nvidia/cuda:${TAG}
RUN apt-get update && \
	apt-get -y install sudo curl git
RUN groupadd --gid 1000 sa; \
	useradd --uid 1000 --gid 1000 -m sa; \
	echo sa ALL=\(root\) NOPASSWD:ALL > /etc/sudoers.d/sa
USER sa
WORKDIR /workspace
RUN	sudo ln -s /home/linuxbrew/.linuxbrew /opt/homebrew
RUN sudo apt-get remove -y git curl; \
	sudo rm -rf /var/lib/apt/lists/*
ENV MODULAR_HOME=$HOME/.modular
ENV PATH=$HOME/.local/bin:/opt/homebrew/bin:$PATH
