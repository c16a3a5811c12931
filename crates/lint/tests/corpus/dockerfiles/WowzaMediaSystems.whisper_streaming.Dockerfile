# source: https://github.com/WowzaMediaSystems/whisper_streaming Dockerfile
FROM python:3.12-bookworm
ARG DEBIAN_FRONTEND=noninteractive
RUN apt update && apt install ffmpeg netcat-traditional -y
RUN pip install --no-deps openai-whisper
RUN pip install numba numpy tqdm more-itertools tiktoken
RUN pip install faster-whisper
# for a GPU, at the price of 5 GB:
# RUN wget https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2204/x86_64/cuda-keyring_1.1-1_all.deb
# RUN apt update && apt install cudnn9-cuda-12 -y
WORKDIR /app
COPY *.py .
COPY entrypoint.sh .
EXPOSE 3000
CMD ["/app/entrypoint.sh"]
