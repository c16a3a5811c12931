# source: https://github.com/roboflow/inference docker/dockerfiles/Dockerfile.onnx.gpu.3d
FROM nvcr.io/nvidia/cuda:12.4.1-cudnn-devel-ubuntu22.04 as builder
WORKDIR /app
RUN rm -rf /var/lib/apt/lists/* && apt-get clean && apt-get update -y && DEBIAN_FRONTEND=noninteractive apt-get install -y \
    libopencv-dev python3-pip git rustc cargo
COPY requirements/requirements.gpu.txt requirements/requirements.pali.flash_attn.txt \
    requirements/requirements.sam3_3d.txt \
    ./
RUN python3 -m pip install -U pip uv
RUN uv pip install --system \
    --index-url https://download.pytorch.org/whl/cu124 \
    --extra-index-url https://pypi.org/simple \
    --index-strategy unsafe-best-match \
    torch==2.6.0+cu124 torchvision==0.21.0+cu124
RUN uv pip install --system -r requirements.gpu.txt jupyterlab "setuptools~=83.0.0"
RUN python3 -m pip install -r requirements.pali.flash_attn.txt --no-dependencies --no-build-isolation && rm -rf ~/.cache/pip
ENV TORCH_CUDA_ARCH_LIST="7.5;8.0;8.6;8.9;9.0"
RUN python3 -m pip install --no-cache-dir --no-build-isolation -r requirements.sam3_3d.txt
FROM nvcr.io/nvidia/cuda:12.4.1-cudnn-runtime-ubuntu22.04 as runtime
COPY --from=builder /usr/local/lib/python3.10 /usr/local/lib/python3.10
COPY --from=builder /usr/local/bin /usr/local/bin
ADD https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2204/x86_64/cuda-keyring_1.1-1_all.deb /tmp/cuda-keyring.deb
RUN set -eux; \
    dpkg -i /tmp/cuda-keyring.deb || true; \
    apt-get update -y; \
    DEBIAN_FRONTEND=noninteractive apt-get install -y libopencv-dev python3-pip
ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility,graphics
ENV NVIDIA_VISIBLE_DEVICES=all
ENV TORCH_EXTENSIONS_DIR=/tmp/torch_extensions
ENTRYPOINT ["/usr/local/bin/run_uvicorn.sh", "gpu_http:app"]
