# source: https://github.com/hanfeijp/DCGANs Dockerfile
# CPU
FROM ubuntu:16.04
RUN apt-get update && apt-get upgrade
RUN apt-get -y install python3-pip curl
RUN pip3 install keras tensorflow jupyter
RUN pip3 install --upgrade pip
RUN apt-get -y install libcupti-dev # profiling
RUN pip3 install opencv-python
ADD manshion_train.tfrecords /home
ENTRYPOINT ["bash"]
