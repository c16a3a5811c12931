# source: https://github.com/matatonic/openedai-speech Dockerfile
FROM python:3.11-slim
RUN --mount=type=cache,target=/root/.cache/pip pip install -U pip
ARG TARGETPLATFORM
RUN <<EOF
apt-get update
apt-get install --no-install-recommends -y curl ffmpeg
if [ "$TARGETPLATFORM" != "linux/amd64" ]; then
	apt-get install --no-install-recommends -y build-essential
	curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y
fi
rm -rf /var/lib/apt/lists/*
EOF
ENV PATH="/root/.cargo/bin:${PATH}"
WORKDIR /app
ARG USE_ROCM
ENV USE_ROCM=${USE_ROCM}
COPY requirements*.txt /app/
RUN if [ "${USE_ROCM}" = "1" ]; then mv /app/requirements-rocm.txt /app/requirements.txt; fi
RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt
COPY *.py *.sh *.default.yaml README.md LICENSE /app/
ENV HF_HOME=voices
CMD bash startup.sh
