# source: https://github.com/SyneRBI/SIRF-SuperBuild Dockerfile
# syntax=docker/dockerfile:1
ARG BASE_IMAGE=quay.io/jupyter/scipy-notebook:ubuntu-24.04
FROM ${BASE_IMAGE} AS base
USER root
COPY docker/raw-ubuntu.sh /opt/scripts/
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt,sharing=locked \
  bash /opt/scripts/raw-ubuntu.sh
ARG BUILD_GPU=0
COPY docker/requirements.yml /opt/scripts/
RUN if test "$BUILD_GPU" != 0; then \
  sed -ri 's/^(\s*)#\s*(- \S+.*#.*GPU.*)$/\1\2/' /opt/scripts/requirements.yml; \
  echo 'cuda-version 12.9.*' >> "${CONDA_DIR}/conda-meta/pinned"; \
 fi \
 && mamba env update -n base -f /opt/scripts/requirements.yml
FROM base AS build
COPY docker/build_essential-ubuntu.sh docker/update_nvidia_keys.sh /opt/scripts/
RUN bash /opt/scripts/update_nvidia_keys.sh && bash /opt/scripts/build_essential-ubuntu.sh
ARG NUM_PARALLEL_BUILDS=" "
ARG Gadgetron_USE_CUDA="ON"
RUN BUILD_FLAGS="-G Ninja\
 -DGadgetron_USE_CUDA=${Gadgetron_USE_CUDA}\
 -DBUILD_CIL=ON" \
 RUN_CTEST=0 \
 bash /opt/scripts/user_sirf-ubuntu.sh
FROM base AS sirf
COPY --from=build /opt/SIRF-SuperBuild/INSTALL/ /opt/SIRF-SuperBuild/INSTALL/
