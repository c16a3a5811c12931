# source: https://github.com/danielgatis/rembg Dockerfile_nvidia_cuda_cudnn_gpu
FROM nvidia/cuda:12.4.1-cudnn-devel-ubuntu22.04
RUN apt-get update && apt-get install -y python3-pip python-is-python3
COPY . /rembg
RUN cd /rembg && python -m pip install ".[gpu,cli]" --break-system-packages
RUN rembg d u2net
ENTRYPOINT ["rembg"]
