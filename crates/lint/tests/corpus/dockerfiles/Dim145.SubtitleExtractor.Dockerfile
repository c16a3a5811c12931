# source: https://github.com/Dim145/SubtitleExtractor worker/Dockerfile.nvidia
FROM python:3.13-slim-trixie
ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility,video \
    PPOCR_USE_GPU=1 \
    PIP_NO_CACHE_DIR=1
RUN apt-get update && apt-get install -y --no-install-recommends \
        ffmpeg libgl1 libglib2.0-0 libgomp1 && \
    rm -rf /var/lib/apt/lists/*
WORKDIR /app
RUN pip install --no-cache-dir paddlepaddle-gpu==3.3.1 \
        --extra-index-url https://www.paddlepaddle.org.cn/packages/stable/cu126/
RUN pip install --no-cache-dir --upgrade pip "paddleocr==3.7.0"
COPY . /app
RUN pip install --no-cache-dir . && rm -rf /root/.cache
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD test -f /tmp/subextractor.health && \
        [ "$(( $(date +%s) - $(stat -c %Y /tmp/subextractor.health) ))" -lt 60 ]
ENTRYPOINT ["python", "-m", "subextractor"]
