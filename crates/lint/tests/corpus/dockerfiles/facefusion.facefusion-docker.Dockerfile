# source: https://github.com/facefusion/facefusion-docker Dockerfile.tensorrt
FROM nvidia/cuda:12.9.1-cudnn-runtime-ubuntu24.04
ARG FACEFUSION_VERSION=3.5.2
ENV PIP_BREAK_SYSTEM_PACKAGES=1
ENV LD_LIBRARY_PATH=$LD_LIBRARY_PATH:/usr/local/lib/python3.12/dist-packages/tensorrt_libs
RUN apt-get update && apt-get install python3.12 python-is-python3 git ffmpeg -y
RUN apt-get install pip -y
RUN pip install tensorrt==10.12.0.36 --extra-index-url https://pypi.nvidia.com
WORKDIR /facefusion
RUN git clone https://github.com/facefusion/facefusion.git --branch ${FACEFUSION_VERSION} .
RUN python install.py --onnxruntime cuda --skip-conda
