# source: https://github.com/OpenRLHF/OpenRLHF dockerfile/Dockerfile
FROM nvcr.io/nvidia/pytorch:26.03-py3
RUN apt-get update && apt-get -y install sudo
RUN sudo su -
RUN apt-get -y install build-essential git python3-dev python3-pip
RUN pip uninstall transformer_engine torchao flash_attn pynvml -y \
 && pip install vllm==0.27.1 deepspeed==0.19.5 transformers==5.15.0
RUN MAX_JOBS=8 pip install flash-attn==2.8.3 --no-build-isolation
COPY docker-entrypoint.sh /usr/local/bin/
ENTRYPOINT ["docker-entrypoint.sh"]
