# source: https://github.com/Xyntopia/pydoxtools Dockerfile.nvidia
ARG PROJECT_DIR="/project"
FROM nvidia/cuda:11.7.1-cudnn8-runtime-ubuntu22.04 as python-base
ARG PROJECT_DIR
ENV PYTHONUNBUFFERED=1 \
    VENV_DIR="${PROJECT_DIR}/.venv/" \
    PATH="${PROJECT_DIR}/.venv/bin:$PATH"

FROM python-base as builder-base
RUN apt-get update && \
    apt-get install --no-install-recommends -y build-essential curl g++ wget\
    git \
    python3-minimal python3-pip python3-dev\
    && pip install -U pip \
    && rm -rf /var/lib/{apt,dpkg,cache,log}/
RUN pip install poetry
COPY ./pyproject.toml ./poetry.lock ${PROJECT_DIR}/
WORKDIR ${PROJECT_DIR}/
RUN --mount=type=cache,target=/root/.cache/ \
    POETRY_VIRTUALENVS_IN_PROJECT=true poetry install -E pytorch-docker -E etl -vvv
RUN --mount=type=cache,target=/root/.cache/\
    poetry run pip install torch pytorch-lightning torchmetrics==0.9.3

FROM python-base as production
RUN apt-get update && apt-get install --no-install-recommends -y python3-minimal python3-pip curl
COPY --from=builder-base $VENV_DIR $VENV_DIR
RUN pip install pymysql
ENTRYPOINT [ "jupyter", "lab", "--allow-root", "--ip", "0.0.0.0", "--no-browser" ]
