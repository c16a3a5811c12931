# syntax = edrevo/dockerfile-plus
# source: https://github.com/microsoft/aici .devcontainer/Dockerfile-vllm
FROM nvcr.io/nvidia/pytorch:23.10-py3
INCLUDE+ cuda-settings.dockerfile
INCLUDE+ common.dockerfile
COPY vllm-requirements.txt /tmp/
RUN pip install -r /tmp/vllm-requirements.txt && pip uninstall -y transformer_engine 
RUN ln -s /usr/local/lib/python3.10/dist-packages/nvidia/cuda_runtime/lib/libcudart.so{.12,}
RUN apt-get install -y linux-tools-`uname -r`
