# source: https://github.com/kaldi-asr/kaldi docker/ubuntu22.04-cuda12/Dockerfile
FROM nvidia/cuda:12.6.1-cudnn-devel-ubuntu22.04
RUN apt-get update && \
    apt-get install -y --no-install-recommends \
        build-essential \
        make automake wget libtool git python3 zlib1g-dev ca-certificates gfortran patch \
        software-properties-common && \
    apt-add-repository multiverse && \
    apt-get update && \
    yes | DEBIAN_FRONTEND=noninteractive apt-get install -yqq --no-install-recommends\
        intel-mkl && \
    rm -rf /var/lib/apt/lists/*
RUN git clone --depth 1 https://github.com/kaldi-asr/kaldi.git /opt/kaldi && \
    cd /opt/kaldi/tools && \
    make -j $(nproc) && \
    cd /opt/kaldi/src && \
    ./configure --shared --use-cuda=yes && \
    make depend -j $(nproc) && \
    make -j $(nproc) && \
    find /opt/kaldi  -type f \( -name "*.o" -o -name "*.la" -o -name "*.a" \) -exec rm {} \;
WORKDIR /opt/kaldi/
