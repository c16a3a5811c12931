# syntax=docker/dockerfile:1
# source: https://github.com/KolosalAI/torch-inference Dockerfile
FROM python:3.10.11-slim AS builder
ARG TARGETPLATFORM
ARG PYTORCH_VERSION=2.1.0
ARG CUDA_VERSION=cu121
RUN apt-get update && apt-get install -y --no-install-recommends build-essential cmake
RUN python -m venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
COPY requirements-base.txt requirements-tensorrt.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=tmpfs,target=/tmp,size=4G \
    pip install --no-cache-dir -r requirements-base.txt
RUN pip install --no-cache-dir --retries 5 -r requirements-tensorrt.txt || \
    (echo "no TensorRT, going on" && \
     echo "slow")
RUN --mount=type=cache,target=/root/.cache/pip \
    if [ "$TARGETPLATFORM" != "linux/arm64" ]; then \
        pip install --no-cache-dir --retries 5 \
        torch==${PYTORCH_VERSION}+${CUDA_VERSION} torchvision torchaudio \
        --index-url https://download.pytorch.org/whl/${CUDA_VERSION} || \
        (echo "trying CPU" && \
         pip install --no-cache-dir torch torchvision torchaudio); \
    else \
        pip install --no-cache-dir torch torchvision torchaudio; \
    fi

FROM python:3.10.11-slim AS production
COPY --from=builder /opt/venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
CMD ["python", "main.py"]
