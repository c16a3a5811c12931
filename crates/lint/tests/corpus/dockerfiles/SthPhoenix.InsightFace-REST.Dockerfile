# source: https://github.com/SthPhoenix/InsightFace-REST dockerfiles/Dockerfile_trt
FROM nvcr.io/nvidia/tensorrt:23.05-py3
ENV PIP_INSTALL="python -m pip --no-cache-dir install --upgrade"
RUN apt-get update &&\
    apt-get install -y\
            libgl1-mesa-glx \
            protobuf-compiler \
            libturbojpeg \
            ffmpeg &&\
    rm -rf /var/lib/apt/lists/*
COPY requirements.txt .
RUN $PIP_INSTALL -r requirements.txt
RUN $PIP_INSTALL cupy-cuda12x pynvjpeg
WORKDIR /app
COPY if_rest /app/if_rest
ENTRYPOINT [ "bash" ]
CMD ["entrypoint.sh"]
