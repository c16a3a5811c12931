# source: https://github.com/LAION-AI/Open-Assistant docker/Dockerfile.model-training
FROM nvidia/cuda:11.7.1-cudnn8-devel-ubuntu22.04
WORKDIR /workspace
SHELL ["/bin/bash", "-c"]
RUN apt update && \
    apt install -y git python3.10 python3.10-venv && \
    python3.10 -m venv venv
RUN source venv/bin/activate && \
    pip install torch==1.13.1
RUN apt install -y python3.10-dev && \
    git clone https://github.com/LAION-AI/Open-Assistant.git && \
    source venv/bin/activate && \
    pip install -e /workspace/Open-Assistant/oasst-data \
    pip install -e /workspace/Open-Assistant/model
ENV PATH=/workspace/venv/bin:$PATH
CMD ["/bin/bash"]
