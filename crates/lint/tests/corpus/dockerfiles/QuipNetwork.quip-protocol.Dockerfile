# source: https://github.com/QuipNetwork/quip-protocol minertest/Dockerfile.cuda
FROM nvidia/cuda:12.9.1-devel-ubuntu22.04 AS builder
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-dev python3-venv python3-pip build-essential
WORKDIR /build
RUN python3 -m venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
COPY minertest/requirements-cuda.txt ./requirements.txt
RUN pip install --no-cache-dir -r requirements.txt
COPY GPU/ ./GPU/
FROM nvidia/cuda:12.9.1-base-ubuntu22.04 AS runtime
RUN apt-get update && apt-get install -y --no-install-recommends \
    python3 libgomp1 curl \
    cuda-cudart-12-9 \
    cuda-cudart-dev-12-9 \
    cuda-nvrtc-12-9 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=builder /opt/venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
COPY --from=builder /build/GPU/ ./GPU/
ENV GPU_DEVICE=0
ENV CUDA_HOME=/usr/local/cuda
ENV LD_LIBRARY_PATH=${CUDA_HOME}/lib64:${LD_LIBRARY_PATH}
ENV CUPY_CACHE_DIR=/tmp/cupy_cache
HEALTHCHECK --interval=30s --timeout=10s --start-period=10s --retries=3 \
  CMD curl -f http://localhost:8080/ || exit 1
ENTRYPOINT ["/entrypoint.sh"]
