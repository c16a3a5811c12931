# source: https://github.com/anibali/docker-pytorch dockerfiles/1.7.0-cuda11.0-ubuntu20.04/Dockerfile
FROM nvidia/cuda:11.0-base-ubuntu20.04
# third-party sources out, their keys expire
RUN rm -f /etc/apt/sources.list.d/*.list
RUN apt-get update && apt-get install -y curl ca-certificates sudo git bzip2 libx11-6 \
 && rm -rf /var/lib/apt/lists/*
RUN adduser --disabled-password --gecos '' --shell /bin/bash user
USER user
ENV HOME=/home/user
ENV PATH=/home/user/miniconda/bin:$PATH
RUN curl -sLo ~/miniconda.sh https://repo.continuum.io/miniconda/Miniconda3-py38_4.8.3-Linux-x86_64.sh \
 && chmod +x ~/miniconda.sh \
 && ~/miniconda.sh -b -p ~/miniconda \
 && conda install -y python==3.8.3
RUN conda install -y -c pytorch \
    cudatoolkit=11.0.221 \
    "pytorch=1.7.0=py3.8_cuda11.0.221_cudnn8.0.3_0" \
    "torchvision=0.8.1=py38_cu110" \
 && conda clean -ya
CMD ["python3"]
