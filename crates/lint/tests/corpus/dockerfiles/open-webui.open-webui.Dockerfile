# source: https://github.com/open-webui/open-webui Dockerfile
# syntax=docker/dockerfile:1
ARG USE_CUDA=false
ARG USE_OLLAMA=false
ARG USE_CUDA_VER=cu121
ARG UID=0
ARG GID=0
FROM --platform=$BUILDPLATFORM node:21-alpine3.19 AS build
WORKDIR /app
COPY . .
RUN npm ci && npm run build

FROM python:3.11-slim-bookworm AS base
ARG USE_CUDA
ARG USE_OLLAMA
ARG USE_CUDA_VER
ARG UID
ARG GID
ENV PORT=8080 \
    # handed on to the running container
    USE_CUDA_DOCKER=${USE_CUDA} \
    USE_CUDA_DOCKER_VER=${USE_CUDA_VER}
WORKDIR /app/backend
RUN if [ "$USE_OLLAMA" = "true" ]; then \
    apt-get update && \
    # what the installer wants
    apt-get install -y --no-install-recommends gcc python3-dev curl jq && \
    curl -fsSL https://ollama.com/install.sh | sh && \
    rm -rf /var/lib/apt/lists/*; \
    else \
    apt-get update && apt-get install -y --no-install-recommends gcc python3-dev curl jq; \
    fi
COPY --chown=$UID:$GID ./backend/requirements.txt ./requirements.txt
RUN pip3 install uv && \
    if [ "$USE_CUDA" = "true" ]; then \
    pip3 install torch torchvision torchaudio --index-url https://download.pytorch.org/whl/$USE_CUDA_DOCKER_VER --no-cache-dir && \
    uv pip install --system -r requirements.txt --no-cache-dir; \
    else \
    pip3 install torch torchvision torchaudio --index-url https://download.pytorch.org/whl/cpu --no-cache-dir && \
    uv pip install --system -r requirements.txt --no-cache-dir; \
    fi
COPY --chown=$UID:$GID --from=build /app/build /app/build
HEALTHCHECK CMD curl --silent --fail http://localhost:${PORT:-8080}/health | jq -ne 'input.status == true' || exit 1
USER $UID:$GID
CMD [ "bash", "start.sh"]
