# source: https://github.com/rapidsai/docker Dockerfile
ARG CUDA_VER=notset
ARG LINUX_DISTRO=ubuntu
ARG LINUX_DISTRO_VER=22.04
ARG LINUX_VER=${LINUX_DISTRO}${LINUX_DISTRO_VER}
ARG MINIFORGE_VER=notset
ARG PYTHON_VER=notset
ARG RAPIDS_VER=26.10
FROM condaforge/miniforge3:${MINIFORGE_VER} AS miniforge-upstream
FROM nvidia/cuda:${CUDA_VER}-base-${LINUX_VER} AS miniforge-cuda
ARG PYTHON_VER=notset
ENV PATH=/opt/conda/bin:$PATH
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN <<EOF
groupadd conda
usermod -g conda root
EOF
COPY --from=miniforge-upstream --chown=root:conda --chmod=770 /opt/conda /opt/conda
FROM miniforge-cuda AS base
ARG CUDA_VER=notset
ARG PYTHON_VER=notset
ARG RAPIDS_VER=26.10
RUN useradd -rm -d /home/rapids -s /bin/bash -g conda -u 1001 rapids
USER rapids
RUN <<EOF
conda config --show-sources
PACKAGES_TO_INSTALL=(
  "rapids=${RAPIDS_VER}.*"
  "python=${PYTHON_VER}.*"
  "cuda-version=${CUDA_VER%.*}.*"
  'ipython>=8.37.0'
)
rapids-conda-retry install -y -n base \
  "${PACKAGES_TO_INSTALL[@]}"
EOF
ENTRYPOINT ["/home/rapids/entrypoint.sh"]
CMD ["ipython"]
