# Syntax=docker/dockerfile:1
# source: https://github.com/DeanLuus22021994/Aspire-Full Infra/Aspire-Full.DockerRegistry/docker/Aspire/Dockerfile.Tensor
FROM cuda-bootstrap-devel AS builder
ENV ASPIRE_COMPUTE_MODE=hybrid \
    # TensorCore settings
    PYTORCH_CUDA_ALLOC_CONF="expandable_segments:True,max_split_size_mb:512" \
    TORCH_INDUCTOR_CACHE_DIR=/var/cache/torch-inductor
WORKDIR /build
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt,sharing=locked \
    apt-get update && apt-get install -y --no-install-recommends build-essential git
COPY --from=ghcr.io/astral-sh/uv:latest /uv /usr/local/bin/uv
RUN uv venv /opt/venv --python 3.15t
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv \
    . /opt/venv/bin/activate && \
    uv sync --frozen --all-extras
RUN --mount=type=cache,target=/root/.cache/huggingface \
    . /opt/venv/bin/activate && \
    python -c "from transformers import AutoTokenizer, AutoModel; \
model_name = 'sentence-transformers/all-MiniLM-L6-v2'; \
AutoModel.from_pretrained(model_name)"
