# source: https://github.com/michaelfeil/infinity libs/infinity_emb/Dockerfile.trt_onnx_auto
FROM nvidia/cuda:12.9.0-cudnn-devel-ubuntu22.04 AS base
ENV PYTHONUNBUFFERED=1 \
    # pip
    PIP_NO_CACHE_DIR=off \
    # poetry: a .venv in the project
    POETRY_VIRTUALENVS_IN_PROJECT="true" \
    # extras
    EXTRAS="all onnxruntime-gpu" \
    PYTHON="python3" 
RUN apt-get update && apt-get install --no-install-recommends -y build-essential python3-dev $PYTHON-venv $PYTHON-pip $PYTHON curl
ENV LD_LIBRARY_PATH=/app/.venv/lib/${PYTHON}/site-packages/tensorrt:/usr/lib/x86_64-linux-gnu:/app/.venv/lib/${PYTHON}/site-packages/tensorrt_libs:${LD_LIBRARY_PATH}
RUN rm -rf /usr/local/cuda-12.9/compat
ENV NVIDIA_DISABLE_REQUIRE=true
WORKDIR /app

FROM base AS builder
ARG POETRY_VERSION=1.8.4
ARG POETRY_HOME=/opt/poetry
RUN curl -sSL https://install.python-poetry.org | POETRY_HOME=$POETRY_HOME POETRY_VERSION=$POETRY_VERSION $PYTHON -
ENV PATH=$POETRY_HOME/bin:$PATH
COPY poetry.lock pyproject.toml README.md /app/
RUN poetry install --no-interaction --no-root --extras "${EXTRAS}" --without lint,test
RUN poetry run $PYTHON -m pip install --no-cache-dir flash-attn --no-build-isolation
RUN poetry run $PYTHON -m pip install --no-cache-dir "tensorrt==10.3.0" "tensorrt_lean==10.3.0"

FROM base AS tested-builder
COPY --from=builder /app /app
ENV PATH=/app/.venv/bin:$PATH
FROM tested-builder AS production
ENTRYPOINT ["infinity_emb"]
