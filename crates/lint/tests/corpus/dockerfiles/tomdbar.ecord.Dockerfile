# source: https://github.com/tomdbar/ecord Dockerfile
FROM pytorch/pytorch:1.7.1-cuda11.0-cudnn8-runtime
RUN apt-get update \
 && apt-get install -y gcc
COPY . /srv/ecord
WORKDIR /srv/ecord
RUN pip install -r requirements.txt -f https://data.pyg.org/whl/torch-1.7.1+cu110.html && pip install -e .
ENV PYTHONPATH=$PWD:$PYTHONPATH
