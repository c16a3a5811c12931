# source: https://github.com/zapata-engineering/orquestra-sdk projects/orquestra-sdk/docker/cuda.Dockerfile
# syntax=docker/dockerfile:1.5
ARG CUDA_MINOR_VERSION=11.8
FROM nvidia/cuda:${CUDA_MINOR_VERSION}.0-runtime-ubuntu22.04
ARG PYTHON_VERSION=3.11.6
ARG TARGETARCH="amd64"
RUN <<EOF
set -ex
apt-get update --yes
apt-get install curl wget git ssh gcc make build-essential libssl-dev zlib1g-dev -y
if [ "$TARGETARCH" = "arm64" ]; then
  apt-get install --yes --no-install-recommends gcc libc-dev
fi
useradd -ms /bin/bash -d /home/orquestra orquestra --uid 1000 --gid 100
EOF
USER 1000
WORKDIR /home/orquestra
RUN <<EOF
git clone https://github.com/pyenv/pyenv.git /home/orquestra/.pyenv
PYTHON_CONFIGURE_OPTS="--enable-shared" /home/orquestra/.pyenv/bin/pyenv install ${PYTHON_VERSION}
EOF
ENV PATH="/home/orquestra/.pyenv/versions/${PYTHON_VERSION}/bin:$PATH"
ENV VIRTUAL_ENV=/opt/orquestra/venv
RUN python -m venv "$VIRTUAL_ENV" --prompt system
RUN <<EOF
set -ex
. "$VIRTUAL_ENV/bin/activate"
python -m pip install --no-cache-dir ray[default]==2.30
EOF
ENV BASH_ENV=/opt/orquestra/source-venv
