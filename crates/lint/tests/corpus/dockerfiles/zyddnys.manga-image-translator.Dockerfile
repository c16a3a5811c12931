# source: https://github.com/zyddnys/manga-image-translator Dockerfile
FROM pytorch/pytorch:2.5.1-cuda11.8-cudnn9-runtime
WORKDIR /app
COPY requirements.txt /app/requirements.txt
RUN export TZ=Etc/UTC \
        && apt update --yes \
        && apt install g++ wget ffmpeg libvulkan1 --yes \
        && wget https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2204/x86_64/cuda-keyring_1.1-1_all.deb \
        && dpkg -i cuda-keyring_1.1-1_all.deb \
        && apt update --yes \
        && apt install -y libcudnn8=8*-1+cuda11.8 libcudnn8-dev=8*-1+cuda11.8 \
        && pip install -r /app/requirements.txt \
        && apt remove g++ wget --yes
COPY . /app
RUN --mount=type=cache,target=/.cache/models \
    cp -rn /.cache/models/. /app/models/ || true && \
    python -u docker_prepare.py --continue-on-error
RUN rm -rf /tmp && mkdir /tmp && chmod 1777 /tmp
ENTRYPOINT ["python", "-m", "manga_translator"]
