# source: https://github.com/NVIDIA-AI-IOT/live-vlm-webui docker/Dockerfile.jetson-thor
FROM nvcr.io/nvidia/cuda:13.0.0-runtime-ubuntu24.04
RUN apt-get update && apt-get install -y \
    python3 python3-pip python3-dev build-essential git \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
RUN pip install --no-cache-dir --break-system-packages --ignore-installed --upgrade pip setuptools wheel
COPY pyproject.toml requirements.txt ./
COPY src/ ./src/
RUN pip install --no-cache-dir --break-system-packages -e .
RUN pip install --no-cache-dir --break-system-packages git+https://github.com/rbonghi/jetson_stats.git
CMD ["python3", "-m", "live_vlm_webui.server", "--host", "0.0.0.0", "--port", "8090"]
