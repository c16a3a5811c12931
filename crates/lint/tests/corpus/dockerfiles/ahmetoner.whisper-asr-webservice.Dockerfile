# source: https://github.com/ahmetoner/whisper-asr-webservice Dockerfile.gpu
FROM onerahmet/ffmpeg:n7.1 AS ffmpeg
FROM nvidia/cuda:12.6.3-base-ubuntu22.04
ENV PYTHON_VERSION=3.10
ENV POETRY_VENV=/app/.venv
RUN export DEBIAN_FRONTEND=noninteractive \
    && apt-get -qq update \
    && apt-get -qq install \
    python${PYTHON_VERSION}-venv python3-pip \
    libcudnn8
RUN python3 -m venv $POETRY_VENV && $POETRY_VENV/bin/pip install poetry==2.1.3
ENV PATH="${PATH}:${POETRY_VENV}/bin"
COPY . /app
WORKDIR /app
COPY --from=ffmpeg /usr/local/bin/ffmpeg /usr/local/bin/ffmpeg
RUN poetry install --extras cuda
ENTRYPOINT ["whisper-asr-webservice"]
