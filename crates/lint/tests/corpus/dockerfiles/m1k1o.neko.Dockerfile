# source: https://github.com/m1k1o/neko runtime/Dockerfile.nvidia
ARG UBUNTU_RELEASE=24.04
ARG CUDA_VERSION=12.5.1
ARG VIRTUALGL_VERSION=3.1.3-20250409
FROM nvidia/cuda:${CUDA_VERSION}-runtime-ubuntu${UBUNTU_RELEASE} AS runtime
ARG VIRTUALGL_VERSION
ENV NVIDIA_VISIBLE_DEVICES=all
ENV NVIDIA_DRIVER_CAPABILITIES=all
ENV VGL_DISPLAY=egl
RUN set -eux; \
    apt-get update; \
    apt-get install -y --no-install-recommends \
        wget gpg ca-certificates \
        # as NVIDIA's opengl image has them
        libglvnd0 libgl1 libglx0 libegl1 libgles2 \
        libvulkan-dev vulkan-tools; \
    #
    # VirtualGL
    if [ -n "${VIRTUALGL_VERSION}" ]; then \
        #
        # from its own repository
        apt-get install -y --no-install-recommends virtualgl=${VIRTUALGL_VERSION}; \
    fi; \
    find /usr/local/cuda/lib64/ -maxdepth 1 -type l -name "*libnvrtc.so.*" -exec sh -c 'ln -sf {} /usr/local/cuda/lib64/libnvrtc.so' \;; \
    mkdir -p /usr/share/glvnd/egl_vendor.d/; \
    echo "{\n\
        \"file_format_version\" : \"1.0.0\",\n\
        \"ICD\": {\n\
            \"library_path\": \"libEGL_nvidia.so.0\"\n\
        }\n\
    }" > /usr/share/glvnd/egl_vendor.d/10_nvidia.json; \
    VULKAN_API_VERSION=$(dpkg -s libvulkan1 | grep -oP 'Version: [0-9|\.]+' | grep -oP '[0-9]+(\.[0-9]+)(\.[0-9]+)'); \
    mkdir -p /etc/vulkan/icd.d/
