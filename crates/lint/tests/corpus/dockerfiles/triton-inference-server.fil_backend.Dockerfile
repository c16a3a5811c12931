# source: https://github.com/triton-inference-server/fil_backend ops/Dockerfile
# syntax = docker/dockerfile:1.3
ARG TRITON_VERSION=26.05
ARG BASE_IMAGE=nvcr.io/nvidia/tritonserver:${TRITON_VERSION}-py3
ARG SERVER_IMAGE=build-stage
ARG USE_CLIENT_WHEEL=0
ARG SDK_IMAGE=nvcr.io/nvidia/tritonserver:${TRITON_VERSION}-py3-sdk
FROM condaforge/miniforge3 as conda-base
RUN mamba install -y -c conda-forge conda-pack
FROM conda-base as wheel-install-0
RUN conda run --no-capture-output pip install tritonclient[all]
FROM ${SDK_IMAGE} as sdk-image
FROM conda-base as wheel-install-1
COPY --from=sdk-image /workspace/install/python /sdk_install
RUN conda run --no-capture-output pip install /sdk_install/tritonclient*manylinux*.whl
FROM wheel-install-${USE_CLIENT_WHEEL} as conda-test
RUN conda run --no-capture-output \
    pip install git+https://github.com/rapidsai/rapids-triton.git@v26.06.00#subdirectory=python
FROM ${BASE_IMAGE} as build-stage
ARG TRITON_ENABLE_GPU=ON
ENV TRITON_ENABLE_GPU=$TRITON_ENABLE_GPU
COPY --from=conda-test /opt/conda /conda/test
RUN cmake -GNinja -DTRITON_ENABLE_GPU="${TRITON_ENABLE_GPU}" . && ninja install
FROM ${SERVER_IMAGE} as test-stage
ENTRYPOINT []
CMD ["/bin/bash", "-c", "source /conda/test/bin/activate && /qa/entrypoint.sh"]
