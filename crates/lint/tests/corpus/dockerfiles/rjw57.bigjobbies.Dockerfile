# source: https://github.com/rjw57/bigjobbies bigjobbies/docker/cuda/Dockerfile
FROM nvidia/cuda:cudnn-ubuntu14.04
VOLUME /data
VOLUME /workspace
RUN apt-get -y update && \
    apt-get -y install git build-essential python python3 python3-pip
ARG LABEL_NS=com.richwareham.bigjobbies.
ARG USER
LABEL \
    ${LABEL_NS}user=${USER} \
    ${LABEL_NS}type=cuda
COPY *.sh *.py ./
ENTRYPOINT ./root_run.sh
