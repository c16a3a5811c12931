# source: https://github.com/AShapira/micromamba_cuda .devcontainer/Dockerfile
FROM mambaorg/micromamba:1.5.10-jammy-cuda-12.2.2
ARG MAMBA_DOCKERFILE_ACTIVATE=0
ARG ENV_NAME=gis
SHELL ["/bin/bash", "-lc"]
COPY --chown=$MAMBA_USER:$MAMBA_USER environment.yml /tmp/environment.yml
RUN micromamba create -y -n ${ENV_NAME} -f /tmp/environment.yml && micromamba clean -a -y
USER root
RUN apt-get update && apt-get install -y --no-install-recommends git ca-certificates && rm -rf /var/lib/apt/lists/*
USER $MAMBA_USER
SHELL ["/usr/local/bin/_entrypoint.sh", "bash", "-lc"]
ENV RMM_POOL_SIZE=2GB \
    UCX_TLS=cuda_copy,cuda_ipc,rc,tcp,sockcm
WORKDIR /workspace
CMD ["sleep", "infinity"]
