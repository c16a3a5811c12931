# source: https://github.com/games-on-whales/wolf docker/gpu-drivers.Dockerfile
ARG BASE_IMAGE=ghcr.io/games-on-whales/base-app:edge
FROM $BASE_IMAGE
ENV DEBIAN_FRONTEND=noninteractive
ARG REQUIRED_PACKAGES="va-driver-all intel-media-va-driver-non-free \
    libmfx1 libmfx-gen1.2 libigfxcmrt7 \
    libva-drm2 libva-x11-2 libvpl2"
RUN apt-get update -y && \
    apt-get install -y --no-install-recommends \
    $REQUIRED_PACKAGES
RUN <<_ADD_NVRTC
    set -e
    apt-get update -y
    apt-get install -y unzip curl
    cd /tmp
    curl -fsSL -o nvrtc.whl "https://developer.download.nvidia.com/compute/redist/nvidia-cuda-nvrtc/nvidia_cuda_nvrtc-11.0.221-cp36-cp36m-linux_x86_64.whl"
    unzip -joq -d ./nvrtc nvrtc.whl
    cd nvrtc
    find . -maxdepth 1 -type f -name "*libnvrtc.so.*" -exec sh -c 'ln -snf $(basename {}) libnvrtc.so' \;
    mkdir -p /usr/local/nvidia/lib
    mv -f libnvrtc* /usr/local/nvidia/lib
    echo "/usr/local/nvidia/lib" >> /etc/ld.so.conf.d/nvidia.conf
    apt-get remove -y --purge unzip curl
_ADD_NVRTC
