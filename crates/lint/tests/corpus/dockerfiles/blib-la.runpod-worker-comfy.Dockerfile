# source: https://github.com/blib-la/runpod-worker-comfy Dockerfile
FROM nvidia/cuda:11.8.0-cudnn8-runtime-ubuntu22.04 as base
ENV DEBIAN_FRONTEND=noninteractive
ENV PYTHONUNBUFFERED=1 
RUN apt-get update && apt-get install -y \
    python3.10 python3-pip git wget libgl1 \
    && ln -sf /usr/bin/python3.10 /usr/bin/python \
    && ln -sf /usr/bin/pip3 /usr/bin/pip
RUN pip install comfy-cli
RUN /usr/bin/yes | comfy --workspace /comfyui install --cuda-version 11.8 --nvidia --version 0.3.26
RUN pip install runpod requests
ADD src/start.sh src/rp_handler.py test_input.json ./
ADD *snapshot*.json /
CMD ["/start.sh"]

FROM base as downloader
ARG MODEL_TYPE
WORKDIR /comfyui
RUN if [ "$MODEL_TYPE" = "sdxl" ]; then \
      wget -O models/checkpoints/sd_xl.safetensors https://example.org/sd_xl.safetensors; \
    elif [ "$MODEL_TYPE" = "flux1-dev" ]; then \
      wget -O models/unet/flux1-dev.safetensors https://example.org/flux1-dev.safetensors; \
    fi

FROM base as final
COPY --from=downloader /comfyui/models /comfyui/models
CMD ["/start.sh"]