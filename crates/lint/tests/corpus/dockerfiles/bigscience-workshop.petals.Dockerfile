# source: https://github.com/bigscience-workshop/petals Dockerfile
FROM nvcr.io/nvidia/cuda:11.0.3-cudnn8-devel-ubuntu20.04
WORKDIR /home
RUN apt-get update && apt-get install -y --no-install-recommends \
  build-essential \
  wget \
  git \
  && apt-get clean autoclean && rm -rf /var/lib/apt/lists/{apt,dpkg,cache,log} /tmp/* /var/tmp/*
RUN wget https://repo.anaconda.com/miniconda/Miniconda3-latest-Linux-x86_64.sh -O install_miniconda.sh && \
  bash install_miniconda.sh -b -p /opt/conda
ENV PATH="/opt/conda/bin:${PATH}"
RUN conda install python~=3.10.12 pip && \
    pip install --no-cache-dir "torch>=1.12" && \
    conda clean --all
VOLUME /cache
COPY . petals/
RUN pip install --no-cache-dir -e petals
CMD bash
