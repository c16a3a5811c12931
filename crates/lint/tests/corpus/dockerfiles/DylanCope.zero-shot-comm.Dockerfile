# source: https://github.com/DylanCope/zero-shot-comm Dockerfile
FROM tensorflow/tensorflow:latest-gpu-jupyter
COPY docker-requirements.txt ./requirements.txt
RUN python -m pip install --upgrade pip && \
    python -m pip install -r requirements.txt 
