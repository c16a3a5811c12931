# source: https://github.com/khoj-ai/khoj .devcontainer/Dockerfile
ARG PYTHON_VERSION=3.12
FROM mcr.microsoft.com/devcontainers/python:${PYTHON_VERSION}
COPY --from=ghcr.io/astral-sh/uv:latest /uv /uvx /bin/
RUN uv venv /opt/venv --python $PYTHON_VERSION --seed
ENV PATH="/opt/venv/bin:$PATH"
COPY pyproject.toml README.md ./
ENV UV_INDEX="https://download.pytorch.org/whl/cpu" \
    UV_INDEX_STRATEGY="unsafe-best-match" \
    # no CUDA packages, please
    CUDA_VISIBLE_DEVICES="" \
    # no git needed
    VERSION=0.0.0
RUN sed -i "s/dynamic = \\[\"version\"\\]/version = \"$VERSION\"/" pyproject.toml && \
    uv sync --all-extras && \
    # keep the lock file
    cp uv.lock /opt/uv.lock.linux
