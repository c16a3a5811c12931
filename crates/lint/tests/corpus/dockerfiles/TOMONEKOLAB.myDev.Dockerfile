# source: https://github.com/TOMONEKOLAB/myDev .devcontainer/cu/Dockerfile
FROM nvidia/cuda:12.8.0-cudnn-devel-ubuntu20.04
ENV DEBIAN_FRONTEND=noninteractive \
    DISPLAY=:1 \
    LANG=ja_JP.UTF-8
USER root
WORKDIR /root/cuda
RUN sed -i.bak -e 's|http://archive.ubuntu.com/ubuntu/|http://ftp.jaist.ac.jp/pub/Linux/ubuntu/|g' /etc/apt/sources.list
RUN apt-get update && apt-get install -y --no-install-recommends software-properties-common
RUN add-apt-repository -y ppa:apt-fast/stable
RUN apt-get update && apt-get install -y --no-install-recommends apt-fast
RUN apt-fast update && apt-fast install -y --no-install-recommends \
    build-essential cmake python3 python3-venv python3-pip python-is-python3 git locales \
    && locale-gen ja_JP.UTF-8
