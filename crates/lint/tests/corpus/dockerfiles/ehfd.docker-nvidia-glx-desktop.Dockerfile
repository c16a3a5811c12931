# source: https://github.com/ehfd/docker-nvidia-glx-desktop Dockerfile
FROM nvidia/opengl:1.2-glvnd-devel-ubuntu20.04
ARG NVIDIA_VISIBLE_DEVICES=all
ENV NVIDIA_DRIVER_CAPABILITIES all
ENV SIZEW 1920
RUN dpkg --add-architecture i386 && \
    apt-get update && apt-get install -y --no-install-recommends \
        build-essential ca-certificates curl kmod \
        libc6:i386 \
        libglvnd-dev \
        pkg-config && \
    rm -rf /var/lib/apt/lists/*
RUN apt-get update && apt-get install -y \
        git supervisor libglu1:i386 xorg-dev firefox mesa-utils x11vnc && \
    rm -rf /var/lib/apt/lists/*
RUN apt-get update && apt-get install -y --no-install-recommends \
        libvulkan-dev vulkan-validationlayers-dev vulkan-utils meson && \
    cd /tmp && \
    git clone https://github.com/aejsmith/vkdevicechooser && \
    cd vkdevicechooser && \
    meson builddir --prefix=/usr && \
    meson install -C builddir
COPY supervisord.conf /etc/supervisord.conf
ENTRYPOINT ["/usr/bin/supervisord"]
