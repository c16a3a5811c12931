# source: https://github.com/rsxdalv/tts-generation-webui Dockerfile
FROM nvidia/cuda:12.4.0-devel-ubuntu22.04 AS env_base
RUN apt-get update && apt-get install --no-install-recommends -y \
    git build-essential python3-dev python3-venv python3-pip gcc g++ ffmpeg
RUN apt-get update && apt install -y curl
ENV NVM_DIR=/root/.nvm
RUN curl -o- https://raw.githubusercontent.com/nvm-sh/nvm/v0.39.0/install.sh | bash
RUN . "$NVM_DIR/nvm.sh" && nvm install 22.9.0
ENV TORCH_VERSION=2.6.0
RUN pip install --no-cache-dir setuptools torch==$TORCH_VERSION torchvision torchaudio
WORKDIR /app/tts-webui
COPY . .
RUN pip3 install --no-cache-dir torch==$TORCH_VERSION -r requirements.txt
RUN pip install --no-cache-dir torch==$TORCH_VERSION git+https://github.com/rsxdalv/extension_rvc@main
RUN pip install --no-cache-dir torch==$TORCH_VERSION nvidia-ml-py
CMD python3 server.py --docker
