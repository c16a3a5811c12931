# source: https://github.com/AERPAW/AERPAW-DT-SIONNA-EXTENSION Dockerfile
FROM pytorch/pytorch:2.9.0-cuda13.0-cudnn9-runtime
WORKDIR /app
ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility,graphics
RUN apt-get update && apt-get install -y \
    build-essential libgl1 libglib2.0-0 libgomp1 \
    && rm -rf /var/lib/apt/lists/*
COPY requirements.txt .
RUN pip install --upgrade pip && \
    pip install -r requirements.txt
ENV PYTHONPATH=/app/src:$PYTHONPATH
WORKDIR /app/src
CMD ["uvicorn", "app:app", "--host", "0.0.0.0", "--port", "8000"]
