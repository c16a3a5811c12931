# source: https://github.com/Dao-AILab/flash-attention training/Dockerfile
# ARG COMPAT=0
ARG PERSONAL=0
FROM nvcr.io/nvidia/pytorch:22.12-py3 as base
ENV HOST docker
ENV LANG=C.UTF-8 LC_ALL=C.UTF-8
RUN apt-get update && apt-get install -y --no-install-recommends build-essential cmake git
WORKDIR /home/user

FROM base as env-0
FROM env-0 as env-1
ONBUILD COPY dotfiles ./dotfiles
ONBUILD RUN cd ~/dotfiles && stow bash zsh tmux
ONBUILD ENV SHELL=/bin/zsh

FROM env-${PERSONAL} as packages
ENV PIP_NO_CACHE_DIR=1
RUN pip uninstall -y xgboost && DS_BUILD_UTILS=1 DS_BUILD_FUSED_LAMB=1 pip install deepspeed==0.7.7
RUN pip install transformers==4.25.1 pytorch-lightning==1.8.6 triton==2.0.0.dev20221202 timm==0.6.12
# flash-attention itself
RUN pip install flash-attn==2.6.3
RUN pip install git+https://github.com/Dao-AILab/flash-attention@v2.6.3#subdirectory=csrc/fused_dense_lib
