# source: https://github.com/pyg-team/pytorch_geometric docker/Dockerfile
FROM nvcr.io/nvidia/cuda-dl-base:24.09-cuda12.6-devel-ubuntu22.04
RUN apt-get update && \
    apt-get install -y python3-pip graphviz graphviz-dev
RUN pip install torch torchvision torchaudio
RUN pip install torch_geometric==2.6.0 triton==3.0.0 numba==0.59.0
RUN pip install --extra-index-url=https://pypi.nvidia.com cugraph-cu12 cugraph-pyg-cu12
