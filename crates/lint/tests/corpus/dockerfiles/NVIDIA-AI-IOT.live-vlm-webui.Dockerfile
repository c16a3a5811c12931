# source: https://github.com/NVIDIA-AI-IOT/live-vlm-webui docker/Dockerfile.jetson
FROM nvcr.io/nvidia/l4t-base:r36.2.0
RUN apt-get update && apt-get install -y \
    python3.10 python3-pip python3.10-dev build-essential \
    libavformat-dev libavcodec-dev libswscale-dev pkg-config openssl \
    && rm -rf /var/lib/apt/lists/*
RUN update-alternatives --install /usr/bin/python python /usr/bin/python3.10 1
WORKDIR /app
COPY pyproject.toml requirements.txt ./
COPY src/ ./src/
RUN pip install --no-cache-dir -e .
RUN pip install --no-cache-dir jetson-stats
EXPOSE 8090
HEALTHCHECK --interval=30s --timeout=10s --start-period=5s --retries=3 \
    CMD python -c "import urllib.request; urllib.request.urlopen('https://localhost:8090', timeout=5, context=__import__('ssl')._create_unverified_context())" || exit 1
CMD ["python", "-m", "live_vlm_webui.server", "--host", "0.0.0.0", "--port", "8090"]
