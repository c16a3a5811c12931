# source: https://github.com/lm-sys/FastChat docker/Dockerfile
FROM nvidia/cuda:12.2.0-runtime-ubuntu20.04
RUN apt-get update && apt-get install -y curl python3.9 python3.9-distutils
RUN curl https://bootstrap.pypa.io/get-pip.py | python3.9
RUN pip3 install fschat[model_worker,webui]