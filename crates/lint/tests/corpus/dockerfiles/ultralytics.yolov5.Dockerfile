# source: https://github.com/ultralytics/yolov5 utils/docker/Dockerfile
FROM pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime
RUN apt update
RUN TZ=Etc/UTC apt install -y tzdata
RUN apt install --no-install-recommends -y gcc git zip curl libgl1 libglib2.0-0 libpython3-dev gnupg
WORKDIR /usr/src/app
COPY . /usr/src/app
COPY requirements.txt .
RUN python -m pip install uv wheel
RUN uv pip install --prefix "$(python -c 'import sys; print(sys.prefix)')" --no-cache -r requirements.txt albumentations comet_ml \
    coremltools onnx onnxslim onnxruntime 'openvino>=2024.0.0'
ENV OMP_NUM_THREADS=1
