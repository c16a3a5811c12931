# source: https://github.com/InternLM/lmdeploy docker/Dockerfile.jetson
FROM nvcr.io/nvidia/l4t-base:r36.2.0
ENV CUDA_VER=12.6 \
    PYTHON_VERSION=3.10 \
    PATH=/opt/py3/bin:/root/.local/bin:/usr/local/cuda/bin:${PATH}
RUN --mount=type=cache,target=/root/.cache \
    --mount=type=cache,target=/tmp/download \
    export CUDA_SUFFIX=$(echo $CUDA_VER | sed 's/\./-/g') && \
    cd /tmp/download && \
    wget -q "https://repo.download.nvidia.com/jetson/t234/pool/main/n/nvidia-l4t-core/nvidia-l4t-core_36.2.0-20231218214829_arm64.deb" && \
    wget -q "https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2204/arm64/cuda-keyring_1.1-1_all.deb" && \
    yes | dpkg -i nvidia-l4t-core_*.deb cuda-keyring_*.deb && \
    apt update -y && \
    apt-get install -y --no-install-recommends \
        cuda-toolkit-${CUDA_SUFFIX} cuda-compat-${CUDA_SUFFIX} libcudnn9-cuda-12 libcusparselt0 \
        git python${PYTHON_VERSION}-dev python${PYTHON_VERSION}-venv && \
    python${PYTHON_VERSION} -m venv /opt/py3
COPY . /opt/lmdeploy
WORKDIR /opt/lmdeploy
RUN --mount=type=cache,target=/root/.cache \
    pip install build && python -m build -w -o /wheels -v . && \
    grep -E '^torch(vision)?([<>=]|$)' requirements/runtime_cuda.txt > /tmp/requirements_torch.txt && \
    pip download --no-deps --only-binary=:all: -r /tmp/requirements_torch.txt -d /tmp/pytorch-wheels \
        --index-url https://pypi.jetson-ai-lab.io/jp6/cu126/+simple/ && \
    pip install -v /tmp/pytorch-wheels/*.whl --index-url https://pypi.org/simple/ && \
    pip install -v /wheels/lmdeploy*.whl --index-url https://pypi.org/simple/
