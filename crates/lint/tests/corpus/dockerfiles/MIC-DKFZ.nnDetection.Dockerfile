# source: https://github.com/MIC-DKFZ/nnDetection Dockerfile
FROM nvcr.io/nvidia/pytorch:21.11-py3
ARG env_det_num_threads=6
ARG env_det_verbose=1
# a line of several
ENV det_data=/opt/data det_models=/opt/models det_num_threads=$env_det_num_threads det_verbose=$env_det_verbose OMP_NUM_THREADS=1
RUN apt-get update && export DEBIAN_FRONTEND=noninteractive && apt-get install -y \
 git cmake make build-essential ninja-build
COPY ./requirements.txt .
RUN mkdir ${det_data} \
 && mkdir ${det_models} \
 && pip install -r requirements.txt \
 && pip install hydra-core --upgrade --pre
WORKDIR /opt/code/nndet
COPY . .
RUN FORCE_CUDA=1 pip install -v -e .
