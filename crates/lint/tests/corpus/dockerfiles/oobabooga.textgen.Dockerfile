# source: https://github.com/oobabooga/textgen docker/TensorRT-LLM/Dockerfile
FROM nvidia/cuda:13.0.1-cudnn-runtime-ubuntu24.04
ENV LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu:$LD_LIBRARY_PATH
RUN apt update \
 && apt install -y python3.12 python3-pip git build-essential openmpi-bin libopenmpi-dev
RUN git clone https://github.com/oobabooga/textgen /opt/textgen
WORKDIR /opt/textgen
RUN pip install --break-system-packages -r requirements/full/requirements.txt \
 && pip3 install --break-system-packages tensorrt_llm==1.1.0 --extra-index-url https://pypi.nvidia.com
CMD ["python3", "server.py", "--api"]
