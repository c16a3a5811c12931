# source: https://github.com/3spky5u-oss/ARCA backend/Dockerfile
FROM nvidia/cuda:12.4.1-devel-ubuntu22.04 AS builder
ARG CUDA_ARCHS="75;80;86;89"
RUN apt-get update && apt-get install -y cmake git build-essential
ARG LLAMA_CPP_SHA=39bf692af1cb
RUN git clone https://github.com/ggml-org/llama.cpp.git /build/llama.cpp && \
    cd /build/llama.cpp && git checkout ${LLAMA_CPP_SHA}
WORKDIR /build/llama.cpp
RUN cmake -B build -DGGML_CUDA=ON -DGGML_NATIVE=OFF -DGGML_BACKEND_DL=ON \
    -DCMAKE_CUDA_ARCHITECTURES="${CUDA_ARCHS}" \
    -DCMAKE_EXE_LINKER_FLAGS="-Wl,--allow-shlib-undefined" \
    && cmake --build build --target llama-server -j$(nproc)
RUN mkdir -p /app/lib && cp build/bin/llama-server /app/ && \
    find build/bin -name "*.so*" -exec cp {} /app/lib/ \; && \
    cp /usr/local/cuda/lib64/libcudart.so* /app/lib/ && \
    cp /usr/local/cuda/lib64/libcublas.so* /app/lib/ && \
    cp /usr/local/cuda/lib64/libcublasLt.so* /app/lib/

FROM python:3.12-slim
WORKDIR /app
RUN apt-get update && apt-get install -y curl libgomp1 && rm -rf /var/lib/apt/lists/*
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --timeout 300 -r requirements.txt && \
    pip install --force-reinstall --no-deps onnxruntime-gpu
RUN find /usr/local/lib/python3.12/site-packages/nvidia -name "lib" -type d > /etc/ld.so.conf.d/nvidia-pip.conf
COPY --from=builder /app/llama-server /usr/local/bin/llama-server
COPY --from=builder /app/lib/ /usr/local/lib/
RUN ldconfig
COPY . .
ENTRYPOINT ["/app/entrypoint.sh"]
CMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]
