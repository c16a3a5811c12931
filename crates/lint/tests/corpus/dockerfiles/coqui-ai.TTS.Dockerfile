# source: https://github.com/coqui-ai/TTS Dockerfile
ARG BASE=nvidia/cuda:11.8.0-base-ubuntu22.04
FROM ${BASE}
RUN apt-get update && apt-get upgrade -y && \
    apt-get install -y --no-install-recommends gcc g++ make python3 python3-dev python3-pip espeak-ng
# the CUDA build
RUN pip3 install torch torchaudio --extra-index-url https://download.pytorch.org/whl/cu118
COPY . /root
RUN cd /root && make install
ENTRYPOINT ["tts"]
