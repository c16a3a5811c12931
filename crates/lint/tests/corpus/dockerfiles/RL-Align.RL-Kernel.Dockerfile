# source: https://github.com/RL-Align/RL-Kernel docker/Dockerfile.cuda
FROM runpod/pytorch:2.4.0-py3.11-cuda12.4.1-devel-ubuntu22.04
ENV FORCE_CUDA=1 TORCH_CUDA_ARCH_LIST="8.6" MAX_JOBS=8
COPY setup.py* requirements*.txt /opt/k/
RUN pip install -U pip \
 && pip install --no-cache-dir -r /opt/k/requirements.txt pytest
WORKDIR /workspace
