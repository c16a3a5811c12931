# source: https://github.com/Swamp7/gminer Dockerfile
FROM nvidia/cuda:12.1.0-runtime-ubuntu18.04
RUN rm /etc/apt/sources.list.d/cuda.list
RUN apt update && apt -y install wget xz-utils
WORKDIR /opt/miner
RUN wget -O m.tar.xz https://github.com/develsoftware/GMinerRelease/releases/download/3.43/gminer_3_43_linux64.tar.xz \
    && tar xf m.tar.xz
ENTRYPOINT ["./miner"]
