# source: https://github.com/jupyter/docker-stacks images/tensorflow-notebook/cuda/Dockerfile
ARG REGISTRY=quay.io
ARG OWNER=jupyter
ARG BASE_IMAGE=$REGISTRY/$OWNER/scipy-notebook
FROM $BASE_IMAGE

SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN mamba install --yes \
    'jupyter-server-proxy' \
    'protobuf>=5.28.3,<6' && \
    mamba clean --all -f -y
RUN pip install -v --no-cache-dir \
    'tensorflow[and-cuda]' && \
    fix-permissions "${CONDA_DIR}"
RUN mkdir -p "${CONDA_DIR}/etc/conda/activate.d/"
COPY --chown="${NB_UID}:${NB_GID}" nvidia-lib-dirs.sh "${CONDA_DIR}/etc/conda/activate.d/"
ENV NVIDIA_VISIBLE_DEVICES="all" \
    NVIDIA_DRIVER_CAPABILITIES="compute,utility"
ENV PATH="${PATH}:/usr/local/nvidia/bin" \
    LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+${LD_LIBRARY_PATH}:}/usr/local/nvidia/lib64"
