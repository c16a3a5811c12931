# source: https://github.com/Yutak6116/kaggle_template .devcontainer/gpu/Dockerfile
FROM nvidia/cuda:12.4.1-cudnn-runtime-ubuntu22.04
RUN apt-get update \
    && apt-get install -y python3 python3-pip git curl
RUN python3 -m pip install --upgrade pip
RUN pip install \
    kaggle jupyterlab \
    numpy scikit-learn lightgbm xgboost \
    torch torchvision --index-url https://download.pytorch.org/whl/cu124
