# source: https://github.com/tloen/alpaca-lora Dockerfile
FROM nvidia/cuda:11.8.0-devel-ubuntu22.04
RUN apt-get update && apt-get install -y git curl software-properties-common \
    && add-apt-repository ppa:deadsnakes/ppa \
    && apt install -y python3.10
COPY requirements.txt /tmp/
RUN curl -sS https://bootstrap.pypa.io/get-pip.py | python3.10
RUN python3.10 -m pip install -r /tmp/requirements.txt \
    && python3.10 -m pip install numpy --pre torch --force-reinstall --index-url https://download.pytorch.org/whl/nightly/cu118
COPY . /workspace
ENTRYPOINT [ "python3.10"]
