# source: https://github.com/Dim145/SubtitleExtractor worker/Dockerfile.nvidia
FROM python:3.13-slim-trixie
ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility,video
RUN apt-get update && apt-get install -y ffmpeg libgl1 libglib2.0-0 libgomp1
RUN pip install paddlepaddle-gpu==3.3.1 \
        --extra-index-url https://www.paddlepaddle.org.cn/packages/stable/cu126/
RUN pip install "paddleocr==3.7.0"
COPY . /app
RUN pip install /app
HEALTHCHECK --interval=30s --retries=3 \
    CMD test -f /tmp/health && \
        [ "$(( $(date +%s) - $(stat -c %Y /tmp/health) ))" -lt 60 ]
ENTRYPOINT ["python", "-m", "subextractor"]
