# source: https://github.com/mlcommons/training retired_benchmarks/minigo/tensorflow/Dockerfile
FROM nvidia/cuda:9.0-cudnn7-runtime-ubuntu16.04
WORKDIR /research
RUN apt-get update
RUN apt-get update && apt-get install -y --no-install-recommends \
        ca-certificates \
        build-essential \
        git \
        python \
        python-pip
ENV HOME /research
ENV PYENV_ROOT $HOME/.pyenv
ENV PATH $PYENV_ROOT/shims:$PYENV_ROOT/bin:$PATH
RUN apt-get install -y python-pip python3-pip virtualenv
RUN pip3 install --upgrade numpy scipy sklearn tf-nightly-gpu
ADD . /research/reinforcement
WORKDIR /research/reinforcement
RUN pip3 install -r minigo/requirements.txt
ENTRYPOINT ["/bin/bash"]
