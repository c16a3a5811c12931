# source: https://github.com/UK-Digital-Heart-Project/4Dsurvival Dockerfile
FROM pytorch/pytorch:1.6.0-cuda10.1-cudnn7-runtime
RUN apt-get update && \
    apt-get install -y build-essential git libjpeg-dev
RUN pip install --upgrade pip setuptools
RUN pip install tensorflow
RUN pip install keras==2.2.2 lifelines==0.23.9
COPY . /srv/4Dsurvival
RUN cd /srv/4Dsurvival && python setup.py develop
