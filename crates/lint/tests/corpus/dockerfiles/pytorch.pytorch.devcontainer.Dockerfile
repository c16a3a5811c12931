# source: https://github.com/pytorch/pytorch .devcontainer/cuda/Dockerfile
FROM mcr.microsoft.com/vscode/devcontainers/miniconda:0-3
RUN conda init
COPY .devcontainer/cuda/environment.yml .devcontainer/noop.txt /tmp/conda-tmp/
RUN if [ -f "/tmp/conda-tmp/environment.yml" ]; then umask 0002 && /opt/conda/bin/conda env update -n base -f /tmp/conda-tmp/environment.yml; fi \
    && sudo rm -rf /tmp/conda-tmp
RUN sudo apt-get -y update
RUN sudo apt install -y lsb-release wget software-properties-common gnupg
# RUN sudo bash -c "$(wget -O - https://apt.llvm.org/llvm.sh)"

ARG CUDA_VERSION
RUN conda install cuda -c "nvidia/label/cuda-${CUDA_VERSION}"
