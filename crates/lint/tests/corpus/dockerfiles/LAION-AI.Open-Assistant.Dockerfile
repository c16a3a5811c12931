# source: https://github.com/LAION-AI/Open-Assistant docker/Dockerfile.model-training
FROM nvidia/cuda:11.7.1-cudnn8-devel-ubuntu22.04
SHELL ["/bin/bash", "-c"]
RUN apt update && apt install -y git python3.10 python3.10-venv python3.10-dev
RUN python3.10 -m venv /workspace/venv
RUN source /workspace/venv/bin/activate && pip install torch==1.13.1
RUN git clone https://github.com/LAION-AI/Open-Assistant.git /workspace/Open-Assistant && \
    source /workspace/venv/bin/activate && \
    pip install -e /workspace/Open-Assistant/oasst-data \
    pip install -e /workspace/Open-Assistant/model
ENV PATH=/workspace/venv/bin:$PATH
