# source: https://github.com/fboulnois/stable-diffusion-docker Dockerfile
FROM python:3.11-slim-bullseye
RUN rm -rf /usr/local/cuda/lib64/stubs
COPY requirements.txt /
RUN pip install -r requirements.txt --extra-index-url https://download.pytorch.org/whl/cu118
ENV USE_TORCH=1
COPY docker-entrypoint.py /usr/local/bin
ENTRYPOINT [ "docker-entrypoint.py" ]
