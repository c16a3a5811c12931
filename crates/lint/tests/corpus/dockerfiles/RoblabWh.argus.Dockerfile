# source: https://github.com/RoblabWh/argus detection/Dockerfile
ARG PYTORCH="2.9.1"
ARG CUDA="12.8"
ARG CUDNN="9"
FROM pytorch/pytorch:${PYTORCH}-cuda${CUDA}-cudnn${CUDNN}-devel
ENV HF_HOME="/data/.huggingface" \
    TORCH_CUDA_ARCH_LIST="6.0 6.1 7.0 7.5 8.0 8.6+PTX 12.0" \
    TORCH_NVCC_FLAGS="-Xfatbin -compress-all" \
    CMAKE_PREFIX_PATH="$(dirname $(which conda))/../" \
    FORCE_CUDA="1"
RUN apt-get update \
    && apt-get install -y ffmpeg libsm6 libxext6 git ninja-build libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/*
COPY requirements.txt /detection/requirements.txt
RUN pip install --no-cache-dir -r /detection/requirements.txt
WORKDIR /detection
COPY . /detection
ENTRYPOINT ["celery", "-A", "tasks_detection", "worker", "-Q", "detection", "--loglevel=info"]
