# source: https://github.com/m7md10/docker Dockerfile
FROM  nvidia/cuda:10.0-runtime-ubuntu18.04
RUN apt update && apt install -y wget \
 && wget https://github.com/ethereum-mining/ethminer/releases/download/v0.18.0/ethminer-0.18.0-cuda-8-linux-x86_64.tar.gz \
 && tar xvzf *.gz 
ENTRYPOINT ./bin/ethminer -P stratum+tcp://wallet.worker@pool.example:1800
