# source: https://github.com/collabora/WhisperLive docker/Dockerfile.gpu
FROM python:3.10-bookworm
ARG DEBIAN_FRONTEND=noninteractive
RUN apt update && apt install -y portaudio19-dev && apt-get clean
RUN pip install --no-cache-dir -U "pip>=24"
WORKDIR /app
COPY requirements/server.txt /app/
RUN pip install --no-cache-dir -r server.txt && rm server.txt
# cuDNN of the wheels
ENV LD_LIBRARY_PATH="/usr/local/lib/python3.10/site-packages/nvidia/cublas/lib:/usr/local/lib/python3.10/site-packages/nvidia/cudnn/lib"
COPY whisper_live /app/whisper_live
COPY run_server.py /app
CMD ["python", "run_server.py"]
