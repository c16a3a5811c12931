# source: https://github.com/SYSTRAN/faster-whisper docker/Dockerfile
FROM nvidia/cuda:12.3.2-cudnn9-runtime-ubuntu22.04
RUN apt-get update -y \
    && apt-get install -y python3-pip
RUN pip3 install faster-whisper
COPY infer.py /srv/
WORKDIR /srv
CMD ["python3", "infer.py"]
