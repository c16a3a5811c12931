# source: https://github.com/NLP-kr/tensorflow-ml-nlp-tf2 Dockerfile_gpu
FROM tensorflow/tensorflow:2.2.0-gpu
RUN apt-get update -y \
&& apt-get install -y wget unzip openjdk-8-jdk curl git-core locales
ENV LANG ko_KR.UTF-8
RUN apt install wget
RUN wget https://cmake.org/files/v3.14/cmake-3.14.3-Linux-x86_64.sh \
 && mkdir /opt/cmake \
 && sh cmake-3.14.3-Linux-x86_64.sh --prefix=/opt/cmake --skip-license
RUN pip install konlpy cmake
COPY requirements_dkr.txt .
RUN pip install -r requirements_dkr.txt
RUN pip install setGPU
ENTRYPOINT jupyter notebook --allow-root --ip=0.0.0.0 --port=8889 --no-browser && jupyter notebook list
