# source: https://github.com/collabora/WhisperLive docker/Dockerfile.gpu
FROM python:3.10-bookworm
RUN apt update && apt install -y portaudio19-dev
COPY requirements/server.txt /app/
RUN pip install -U "pip>=24" && pip install --no-cache-dir -r /app/server.txt
# cuBLAS and cuDNN of the wheels
ENV LD_LIBRARY_PATH="/usr/local/lib/python3.10/site-packages/nvidia/cublas/lib:/usr/local/lib/python3.10/site-packages/nvidia/cudnn/lib"
COPY . /app
CMD ["python", "/app/run_server.py"]
