# source: https://github.com/roflcoopter/viseron docker/jetson-nano/Dockerfile.base
ARG PYTHON_VERSION
ARG DARKNET_COMMIT
ARG JETPACK_VERSION
FROM roflcoopter/jetson-nano-python:${PYTHON_VERSION} AS python
FROM roflcoopter/jetson-nano-python:3.9.19 AS python-3.9.19
FROM roflcoopter/jetson-nano-darknet:${DARKNET_COMMIT} AS darknet
FROM nvcr.io/nvidia/l4t-base:r${JETPACK_VERSION} AS build
COPY --from=python-3.9.19 /usr/local /usr/local/
COPY --from=python /usr/local /usr/local/
ARG SOC
ARG JETPACK_VERSION_MAJOR
ARG JETPACK_VERSION_MINOR
ENV \
  LD_LIBRARY_PATH="/usr/lib/aarch64-linux-gnu/tegra:/usr/lib/aarch64-linux-gnu/tegra-egl" \
  LD_PRELOAD="/usr/lib/aarch64-linux-gnu/libgomp.so.1"
RUN \
  cd /usr/local/bin && \
  ln -s python3 python && \
  \
  apt-get update && apt-get install -y --no-install-recommends ca-certificates gnupg && \
  echo "deb https://repo.download.nvidia.com/jetson/common r${JETPACK_VERSION_MAJOR}.${JETPACK_VERSION_MINOR} main" >> /etc/apt/sources.list.d/nvidia.list && \
  echo "deb https://repo.download.nvidia.com/jetson/${SOC} r${JETPACK_VERSION_MAJOR}.${JETPACK_VERSION_MINOR} main" >> /etc/apt/sources.list.d/nvidia.list && \
  apt-key adv --fetch-key http://repo.download.nvidia.com/jetson/jetson-ota-public.asc && \
  mkdir -p /opt/nvidia/l4t-packages/ && touch /opt/nvidia/l4t-packages/.nv-l4t-disable-boot-fw-update-in-preinstall && \
  rm -r /etc/ld.so.conf.d/nvidia-tegra.conf && \
  \
  apt-get update && apt-get install -y --no-install-recommends \
  nvidia-l4t-multimedia-utils \
  libcudnn8 \
  libcublas10 \
  cuda-libraries-10-2 && \
  ln -s /usr/local/cuda-10.2 /usr/local/cuda && \
  echo "/usr/lib/aarch64-linux-gnu/tegra" >> /etc/ld.so.conf.d/nvidia-tegra.conf
RUN ldconfig
COPY --from=darknet /darknet/lib /usr/local/lib
