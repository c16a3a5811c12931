# source: https://github.com/PavelGuzenfeld/gst-nvmm-cpp docker/Dockerfile.jetson-jp6-infer
FROM nvcr.io/nvidia/l4t-jetpack:r36.4.0
ENV DEBIAN_FRONTEND=noninteractive
ENV LD_LIBRARY_PATH=/usr/lib/aarch64-linux-gnu/tegra:/usr/local/cuda/lib64
RUN apt-get update && apt-get install -y --no-install-recommends \
    build-essential g++ pkg-config ninja-build python3 python3-pip \
    libglib2.0-dev cmake git \
    libgstreamer1.0-dev gstreamer1.0-plugins-bad gstreamer1.0-libav \
    && pip3 install --no-cache-dir meson \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
CMD ["bash"]
