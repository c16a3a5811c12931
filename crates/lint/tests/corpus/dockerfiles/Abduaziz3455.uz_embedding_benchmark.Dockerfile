# source: https://github.com/Abduaziz3455/uz_embedding_benchmark Dockerfile
FROM python:3.12-slim
ENV PIP_NO_CACHE_DIR=1
WORKDIR /app
RUN apt-get update && apt-get install -y --no-install-recommends git curl \
    && rm -rf /var/lib/apt/lists/*
RUN pip install --index-url https://download.pytorch.org/whl/cpu torch
COPY requirements.txt .
RUN pip install -r requirements.txt
VOLUME ["/root/.cache/huggingface"]
ENTRYPOINT ["python", "run.py"]
CMD ["list"]
