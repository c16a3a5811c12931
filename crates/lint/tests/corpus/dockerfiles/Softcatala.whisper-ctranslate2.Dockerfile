# source: https://github.com/Softcatala/whisper-ctranslate2 Dockerfile
FROM nvidia/cuda:12.3.2-cudnn9-runtime-ubuntu22.04
RUN apt-get update \
 && apt-get install -y python3-pip
COPY . /src
RUN pip3 install -U /src
RUN python3 -c 'from faster_whisper import WhisperModel; WhisperModel("small")'
ENTRYPOINT ["whisper-ctranslate2"]
