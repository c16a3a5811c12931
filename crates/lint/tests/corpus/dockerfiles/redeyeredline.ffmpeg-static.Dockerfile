# source: https://github.com/redeyeredline/ffmpeg-static docker/nvidia/Dockerfile
# syntax=docker/dockerfile:1
FROM ubuntu:22.04 AS builder
ENV NVIDIA_DRIVER_CAPABILITIES="compute,video,utility"
ENV NVIDIA_VISIBLE_DEVICES="all"
ENV PATH="/usr/local/cuda/bin:${PATH}"
ENV LD_LIBRARY_PATH="/usr/local/cuda/lib64:${LD_LIBRARY_PATH}"
RUN apt-get update && apt-get install -y build-essential libx264-dev libva-dev nasm pkg-config wget gnupg2 git \
    && wget https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2204/x86_64/cuda-keyring_1.0-1_all.deb \
    && dpkg -i cuda-keyring_1.0-1_all.deb \
    && apt-get update \
    && apt-get install -y cuda-toolkit-12-1 \
    && git clone https://git.videolan.org/git/ffmpeg/nv-codec-headers.git /tmp/nv-codec-headers \
    && make -C /tmp/nv-codec-headers install
WORKDIR /tmp/ffmpeg-build/ffmpeg
COPY ffmpeg/ .
RUN ./configure \
    --prefix=/usr/local \
    --enable-nonfree \
    --enable-nvenc \
    --enable-cuda-nvcc \
    --enable-libx264 \
    --enable-vaapi \
    --enable-shared \
    --extra-cflags="-I/usr/local/cuda/include" \
    --extra-ldflags="-L/usr/local/cuda/lib64"
RUN make -j$(nproc)
RUN make install

FROM ubuntu:22.04
RUN apt-get update && apt-get install -y \
    libx264-163 libva2 libva-drm2 intel-media-va-driver-non-free \
    && rm -rf /var/lib/apt/lists/*
COPY --from=builder /usr/local/bin/ffmpeg /usr/local/bin/ffmpeg
COPY --from=builder /usr/local/lib /usr/local/lib
ENV LD_LIBRARY_PATH="/usr/local/lib:${LD_LIBRARY_PATH}"
RUN ldconfig
RUN (ffmpeg -hide_banner -encoders | grep nvenc && echo "✓ NVENC available") || echo "✗ NVENC not available"
