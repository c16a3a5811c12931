# source: https://github.com/SeldonIO/MLServer Dockerfile
FROM python:3.10-slim AS wheel-builder
SHELL ["/bin/bash", "-l", "-c"]
COPY ./hack/build-wheels.sh ./hack/build-wheels.sh
COPY ./mlserver ./mlserver
COPY \
    pyproject.toml \
    poetry.lock \
    .
RUN pip install poetry==2.1.1 && ./hack/build-wheels.sh /opt/mlserver/dist

FROM registry.access.redhat.com/ubi9/ubi-minimal
SHELL ["/bin/bash", "-c"]
ARG CONDA_VERSION=23.11.0
ARG MINIFORGE_VERSION=${CONDA_VERSION}-0
ENV CONDA_PATH=/opt/conda \
    PATH=/opt/mlserver/.local/bin:/opt/conda/bin:$PATH \
    LD_LIBRARY_PATH=/usr/local/nvidia/lib64:/opt/conda/lib/python3.10/site-packages/nvidia/cuda_runtime/lib:$LD_LIBRARY_PATH
RUN microdnf update -y && microdnf install -y tar gzip libgomp wget git
RUN wget "https://github.com/conda-forge/miniforge/releases/download/${MINIFORGE_VERSION}/Miniforge3-${MINIFORGE_VERSION}-Linux-x86_64.sh" -O miniforge3.sh && \
    bash "./miniforge3.sh" -b -p $CONDA_PATH && \
    conda install --yes python=3.10.12
COPY --from=wheel-builder /opt/mlserver/dist ./dist
RUN . $CONDA_PATH/etc/profile.d/conda.sh && pip install $(ls ./dist/*.whl)
USER 1000
CMD . $CONDA_PATH/etc/profile.d/conda.sh && \
    source ./hack/activate-env.sh $MLSERVER_ENV_TARBALL && \
    mlserver start $MLSERVER_MODELS_DIR
