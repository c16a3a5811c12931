# source: https://github.com/jhj0517/Whisper-WebUI Dockerfile
FROM debian:bookworm-slim AS builder
RUN apt-get update && \
    apt-get install -y curl git python3 python3-pip python3-venv && \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*
WORKDIR /Whisper-WebUI
COPY requirements.txt .
RUN python3 -m venv venv && \
    . venv/bin/activate && \
    pip install -U -r requirements.txt

FROM debian:bookworm-slim AS runtime
RUN apt-get update && \
    apt-get install -y curl ffmpeg python3
WORKDIR /Whisper-WebUI
COPY --from=builder /Whisper-WebUI/venv /Whisper-WebUI/venv
VOLUME [ "/Whisper-WebUI/models" ]
ENV PATH="/Whisper-WebUI/venv/bin:$PATH"
ENV LD_LIBRARY_PATH=/Whisper-WebUI/venv/lib64/python3.11/site-packages/nvidia/cublas/lib:/Whisper-WebUI/venv/lib64/python3.11/site-packages/nvidia/cudnn/lib
ENTRYPOINT [ "python", "app.py" ]
