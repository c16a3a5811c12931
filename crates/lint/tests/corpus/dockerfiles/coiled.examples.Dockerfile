# source: https://github.com/coiled/examples Dockerfile
ARG CUDA_VER=11.8.0
ARG PYTHON_VER=3.10
ARG LINUX_VER=ubuntu20.04
FROM rapidsai/miniforge-cuda:cuda${CUDA_VER}-base-${LINUX_VER}-py${PYTHON_VER} as base
ARG CUDA_VER
RUN mamba install -y -n base -c pytorch -c nvidia -c conda-forge \
        "cudatoolkit=${CUDA_VER%.*}.*" "cuda-version=${CUDA_VER%.*}.*" \
        pytorch torchvision "pytorch-cuda=${CUDA_VER%.*}.*" \
    && conda clean -afy
FROM base as examples
COPY . /home
