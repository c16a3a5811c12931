# source: https://github.com/triton-inference-server/tensorrtllm_backend dockerfile/Dockerfile.triton.trt_llm_backend
ARG BASE_IMAGE=nvcr.io/nvidia/tritonserver:25.12-py3-min
ARG PYTORCH_IMAGE=nvcr.io/nvidia/pytorch:25.12-py3
ARG TRT_VER=10.14.1.48
ARG RELEASE_URL_TRT_x86=https://developer.nvidia.com/downloads/compute/machine-learning/tensorrt/10.14.1/tars/TensorRT-${TRT_VER}.Linux.x86_64-gnu.cuda-13.0.tar.gz
ARG RELEASE_URL_TRT_ARM=https://developer.nvidia.com/downloads/compute/machine-learning/tensorrt/10.14.1/tars/TensorRT-${TRT_VER}.Linux.aarch64-gnu.cuda-13.0.tar.gz
ARG PIP_WHL_VER_TORCH=2.10.0a0+b4e4ee81d3.nv25.12
ARG TENSORRTLLM_VER=1.2.1
FROM ${PYTORCH_IMAGE} AS pytorch_image
FROM ${BASE_IMAGE} AS install_dependencies
ENV PIP_BREAK_SYSTEM_PACKAGES=1
RUN apt-get update -q=2 \
    && apt-get install -y --no-install-recommends python3.12-minimal python3.12-venv git-lfs \
    && apt-get purge -y "libnvinfer*" \
    && python3.12 -m venv /opt/venv-tritonserver
ENV PATH="/opt/venv-tritonserver/bin:${PATH}"
ARG TRT_VER
ENV TRT_VERSION=$TRT_VER \
    CUDA_VER=$CUDA_VERSION
ARG RELEASE_URL_TRT_x86
ARG RELEASE_URL_TRT_ARM
RUN [ "$(uname -m)" != "x86_64" ] && RELEASE_URL_TRT=${RELEASE_URL_TRT_ARM} || RELEASE_URL_TRT=${RELEASE_URL_TRT_x86} \
    && curl -fSL -o /tmp/tensorrt.tar.gz ${RELEASE_URL_TRT} \
    && tar xzvf /tmp/tensorrt.tar.gz --exclude="*.a" -C /usr/local \
    && find /usr/local -maxdepth 1 -name Tens* -type d -exec ln -s {} /usr/local/tensorrt \;
RUN pip3 install /usr/local/tensorrt/python/tensorrt-*-cp$( python3 -c "import sys; print(str(sys.version_info.major) + str(sys.version_info.minor))" )*
ENV LD_LIBRARY_PATH=/usr/local/tensorrt/lib:${LD_LIBRARY_PATH}
FROM install_dependencies AS tensorrt_llm_base
ARG PIP_WHL_VER_TORCH
COPY --from=pytorch_image /usr/local/lib/python3.12/dist-packages/torch /opt/venv-tritonserver/lib/python3.12/site-packages/torch
COPY --from=pytorch_image /usr/local/lib/python3.12/dist-packages/torch-${PIP_WHL_VER_TORCH}.dist-info /opt/venv-tritonserver/lib/python3.12/site-packages/torch-${PIP_WHL_VER_TORCH}.dist-info
ARG TENSORRTLLM_VER
RUN --mount=type=secret,id=pypi_extra_values,env=PYPI_EXTRA_VALUES \
    if [ -n "${PYPI_EXTRA_VALUES}" ]; then \
        pip3 install --no-cache-dir ${PYPI_EXTRA_VALUES} ; \
    else \
        pip3 install --no-cache-dir --extra-index-url https://pypi.nvidia.com tensorrt_llm==${TENSORRTLLM_VER} ; \
    fi
RUN find /usr /opt -name libtensorrt_llm.so -exec dirname {} \; | sort -u > /etc/ld.so.conf.d/tensorrt-llm.conf \
    && ldconfig
