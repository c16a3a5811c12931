# source: https://github.com/vllm-project/vllm docker/Dockerfile.nightly_torch
ARG CUDA_VERSION=12.8.0
FROM nvidia/cuda:${CUDA_VERSION}-devel-ubuntu22.04 AS base
ARG CUDA_VERSION=12.8.0
ARG PYTHON_VERSION=3.12
RUN apt-get update -y \
    && apt-get install -y ccache software-properties-common git curl \
    && for i in 1 2 3; do \
        add-apt-repository -y ppa:deadsnakes/ppa && break || \
        { echo "try $i failed"; sleep 5; }; \
    done \
    && apt-get install -y python${PYTHON_VERSION} python${PYTHON_VERSION}-dev \
    && curl -sS https://bootstrap.pypa.io/get-pip.py | python${PYTHON_VERSION} \
    && update-alternatives --install /usr/bin/python3 python3 /usr/bin/python${PYTHON_VERSION} 1
RUN --mount=type=cache,target=/root/.cache/uv \
    python3 -m pip install uv
RUN ldconfig /usr/local/cuda-$(echo $CUDA_VERSION | cut -d. -f1,2)/compat/
WORKDIR /workspace
RUN uv pip install --system torch torchaudio torchvision --index-url https://download.pytorch.org/whl/nightly/cu128
RUN uv pip freeze | grep -i '^torch\|^torchvision\|^torchaudio' > torch_build_versions.txt

FROM base AS build
COPY . .
RUN --mount=type=cache,target=/root/.cache/ccache \
    --mount=type=bind,source=.git,target=.git  \
    if [ "$USE_SCCACHE" != "1" ]; then \
        # no CMake leftovers
        rm -rf .deps && \
        python3 setup.py bdist_wheel --dist-dir=dist --py-limited-api=cp38; \
    fi

FROM nvidia/cuda:${CUDA_VERSION}-devel-ubuntu22.04 AS vllm-base
ARG CUDA_VERSION=12.8.0
RUN apt-get update -y && apt-get install -y python3-pip python3-dev git && pip install uv
RUN ldconfig /usr/local/cuda-$(echo $CUDA_VERSION | cut -d. -f1,2)/compat/
COPY --from=base /workspace/torch_build_versions.txt ./torch_build_versions.txt
RUN uv pip install --system $(cat torch_build_versions.txt | xargs) --index-url https://download.pytorch.org/whl/nightly/cu128
RUN --mount=type=bind,from=build,src=/workspace/dist,target=/vllm-workspace/vllm-dist \
    uv pip install --system /vllm-workspace/vllm-dist/*.whl --verbose
ARG torch_cuda_arch_list='8.0;8.6;8.9;9.0'
RUN pip install ninja==1.11.1.3 && git clone --depth 1 --branch v0.6.7 --recursive https://github.com/flashinfer-ai/flashinfer.git \
    && export TORCH_CUDA_ARCH_LIST=${torch_cuda_arch_list} \
    && cd flashinfer && FLASHINFER_ENABLE_AOT=1 python3 setup.py bdist_wheel --dist-dir=../flashinfer-dist
