# source: https://github.com/triton-inference-server/fil_backend ops/Dockerfile
# syntax = docker/dockerfile:1.3
ARG TRITON_VERSION=26.05
ARG BASE_IMAGE=nvcr.io/nvidia/tritonserver:${TRITON_VERSION}-py3
ARG SERVER_IMAGE=build-stage
ARG USE_CLIENT_WHEEL=0
ARG SDK_IMAGE=nvcr.io/nvidia/tritonserver:${TRITON_VERSION}-py3-sdk
FROM condaforge/miniforge3 as conda-base
RUN mamba install -y -c conda-forge conda-pack
FROM conda-base as conda-dev
COPY ./conda/environments/rapids_triton_dev.yml /conda/environment.yml
RUN mamba env create -n rapids_triton_dev -f /conda/environment.yml && conda-pack -n rapids_triton_dev -o /tmp/env.tar \
 && mkdir /conda/dev/ && cd /conda/dev/ && tar xf /tmp/env.tar
FROM conda-base as wheel-install-0
RUN conda run --no-capture-output pip install tritonclient[all]
FROM ${SDK_IMAGE} as sdk-image
FROM conda-base as wheel-install-1
COPY --from=sdk-image /workspace/install/python /sdk_install
RUN conda run --no-capture-output pip install /sdk_install/tritonclient*manylinux*.whl
FROM wheel-install-${USE_CLIENT_WHEEL} as conda-test
FROM ${BASE_IMAGE} as build-stage
RUN  if command -v curl; \
 then [ $(uname -m) = 'x86_64' ] \
 && curl -L -o /tmp/cuda-keyring.deb https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2004/x86_64/cuda-keyring_1.0-1_all.deb; \
 dpkg -i /tmp/cuda-keyring.deb; fi
RUN apt-get update && apt-get install --no-install-recommends -y build-essential ca-certificates git
ARG TRITON_ENABLE_GPU=ON
ENV TRITON_ENABLE_GPU=$TRITON_ENABLE_GPU
COPY --from=conda-dev /conda/dev /conda/dev
SHELL ["/bin/bash", "-c"]
RUN source /conda/dev/bin/activate \
 && cmake -GNinja -DTRITON_ENABLE_GPU="${TRITON_ENABLE_GPU}" ..;
RUN --mount=type=cache,target=/ccache/ source /conda/dev/bin/activate && ninja install
FROM ${SERVER_IMAGE} as test-stage
ENTRYPOINT []
CMD ["/bin/bash", "-c", "source /conda/test/bin/activate && /qa/entrypoint.sh"]
