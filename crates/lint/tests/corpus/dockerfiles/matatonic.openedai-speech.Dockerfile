# source: https://github.com/matatonic/openedai-speech Dockerfile
FROM python:3.11-slim
ARG TARGETPLATFORM
RUN <<EOF
apt-get update
if [ "$TARGETPLATFORM" != "linux/amd64" ]; then
	apt-get install -y build-essential curl
	curl -sSf https://sh.rustup.rs | sh -s -- -y
fi
apt-get install -y ffmpeg
EOF
ENV PATH="/root/.cargo/bin:${PATH}"
WORKDIR /app
ARG USE_ROCM
COPY requirements*.txt /app/
RUN if [ "${USE_ROCM}" = "1" ]; then mv requirements-rocm.txt requirements.txt; fi
RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt
COPY *.py *.sh *.default.yaml /app/
CMD bash startup.sh
