# source: https://github.com/gke-ai-mi/llama2-inference python_backend/Dockerfile
FROM nvcr.io/nvidia/tritonserver:23.10-py3 as builder
COPY requirements.txt ./
RUN python3 -m pip install --user -r requirements.txt
FROM nvcr.io/nvidia/tritonserver:23.10-py3
COPY --from=builder /root/.local /home/triton-server/app/.local
ENV LD_LIBRARY_PATH /home/triton-server/app/.local/lib:/opt/hpcx/ucx/lib/:/opt/tritonserver/backends/onnxruntime:/usr/local/cuda/compat/lib:/usr/local/cuda/lib64
