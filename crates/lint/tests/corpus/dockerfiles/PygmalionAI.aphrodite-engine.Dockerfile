# source: https://github.com/PygmalionAI/aphrodite-engine docker/Dockerfile
FROM nvidia/cuda:12.4.1-devel-ubuntu22.04
ENV HOME=/app/aphrodite-engine
WORKDIR $HOME
RUN set -eux; \
    export DEBIAN_FRONTEND=noninteractive \
    && apt-get update \
    && apt-get install -y bzip2 g++ git make python3-pip tzdata
RUN ln -s /usr/bin/python3 /usr/bin/python
RUN git clone https://github.com/PygmalionAI/aphrodite-engine.git /tmp/aphrodite-engine \
    && mv /tmp/aphrodite-engine/* .
ARG MAX_JOBS
ENV MAX_JOBS=${MAX_JOBS}
ENV CUDA_HOME=/usr/local/cuda
ENV TORCH_CUDA_ARCH_LIST="6.0 6.1 7.0 7.5 8.0 8.6 8.9 9.0+PTX"
RUN python3 -m pip install --no-cache-dir -e .
RUN python3 -m pip install 'flash-attn>=2.5.8' --no-build-isolation
ENTRYPOINT ["/app/aphrodite-engine/docker/entrypoint.sh"]
EXPOSE 7860
USER 1000:0
VOLUME ["/tmp"]
