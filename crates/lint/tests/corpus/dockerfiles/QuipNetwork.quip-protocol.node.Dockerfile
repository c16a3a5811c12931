# source: https://github.com/QuipNetwork/quip-protocol docker/Dockerfile.cuda
FROM python:3.13-slim-bookworm AS builder
WORKDIR /build
COPY pyproject.toml ./
COPY GPU/ ./GPU/
RUN pip install --no-cache-dir build && \
    python -m build --wheel --outdir /build/dist
FROM nvidia/cuda:12.9.1-base-ubuntu22.04
RUN apt-get update && apt-get install -y --no-install-recommends \
    python3 python3-pip openssl tini \
    cuda-cudart-12-9 \
    cuda-nvrtc-12-9 \
    && apt-get install -y --no-install-recommends cuda-mps-12-9 2>/dev/null || true \
    && ln -s /usr/bin/python3 /usr/bin/python
COPY --from=builder /build/dist/*.whl /tmp/
RUN WHEEL=$(ls /tmp/*.whl) && \
    pip install --no-cache-dir "${WHEEL}[cuda]"
ENV CUDA_HOME=/usr/local/cuda
ENV PATH=${CUDA_HOME}/bin:${PATH}
ENV LD_LIBRARY_PATH=${CUDA_HOME}/lib64:${LD_LIBRARY_PATH}
ENV QUIP_MODE=gpu
ENTRYPOINT ["tini", "--", "/entrypoint.sh"]
