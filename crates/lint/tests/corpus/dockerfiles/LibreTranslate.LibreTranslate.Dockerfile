# source: https://github.com/LibreTranslate/LibreTranslate docker/cuda.Dockerfile
FROM nvidia/cuda:12.4.1-runtime-ubuntu22.04 AS builder
WORKDIR /app
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update -qq \
  && apt-get -qqq install --no-install-recommends -y pkg-config gcc g++ python3-dev python3-pip python3-venv git
RUN python3 -m venv venv && ./venv/bin/pip install --no-cache-dir --upgrade pip
COPY . .
RUN ./venv/bin/pip install "numpy<2" \
  && ./venv/bin/pip install . \
  && ./venv/bin/pip uninstall -y onnxruntime && ./venv/bin/pip install --no-cache-dir onnxruntime-gpu>=1.10.0 \
  && ./venv/bin/pip cache purge

FROM nvidia/cuda:12.4.1-runtime-ubuntu22.04
ENV ARGOS_DEVICE_TYPE auto
ARG with_models=false
WORKDIR /app
RUN apt-get update -qq \
  && apt-get -qqq install --no-install-recommends -y python3 python3-pip
COPY --from=builder /app /app
ENV PATH="/app/venv/bin:$PATH"
RUN if [ "$with_models" = "true" ]; then  \
  # models
  python scripts/install_models.py; \
  fi
ENTRYPOINT [ "libretranslate", "--host", "*" ]
