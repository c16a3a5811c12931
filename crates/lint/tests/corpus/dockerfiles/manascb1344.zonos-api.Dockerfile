# source: https://github.com/manascb1344/zonos-api Dockerfile
FROM pytorch/pytorch:2.1.0-cuda12.1-cudnn8-devel
WORKDIR /app/zonos
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt,sharing=locked \
    apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    ffmpeg git espeak-ng
RUN --mount=type=cache,target=/root/.cache/pip \
    pip3 install --no-cache-dir uv
COPY requirements.txt pyproject.toml ./
RUN --mount=type=cache,target=/root/.cache/pip \
    uv pip install --system -r requirements.txt -e .[compile]
ENV TORCH_CUDA_ARCH_LIST="7.0;7.5;8.0;8.6+PTX"
ENV FLASH_ATTENTION_FORCE_BUILD=1
RUN --mount=type=cache,target=/root/.cache/pip \
    uv pip install --system --no-build-isolation \
    git+https://github.com/Dao-AILab/flash-attention.git@v2.5.6
RUN --mount=type=cache,target=/root/.cache/pip \
    uv pip install --system --no-build-isolation \
    mamba-ssm==2.2.4 causal-conv1d==1.5.0.post8
RUN --mount=type=cache,target=/root/.cache/pip \
    uv pip install --system \
    kanjize>=1.5.0 \
    inflect>=7.5.0
ENV USE_GPU=true
CMD ["uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "8000"]
