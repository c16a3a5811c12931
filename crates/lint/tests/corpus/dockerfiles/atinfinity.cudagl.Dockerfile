# source: https://github.com/atinfinity/cudagl Dockerfile
FROM nvidia/cuda:11.8.0-cudnn8-devel-ubuntu22.04
ENV NVIDIA_VISIBLE_DEVICES ${NVIDIA_VISIBLE_DEVICES:-all}
ENV NVIDIA_DRIVER_CAPABILITIES ${NVIDIA_DRIVER_CAPABILITIES:+$NVIDIA_DRIVER_CAPABILITIES,}graphics
ARG UID=1000
ENV USERNAME cudagl
ENV HOME /home/$USERNAME
RUN useradd -m $USERNAME && \
    usermod --uid $UID $USERNAME
RUN echo "Acquire::GzipIndexes \"false\"; Acquire::CompressionTypes::Order:: \"gz\";" > /etc/apt/apt.conf.d/docker-gzip-indexes
RUN apt-get update && apt-get install -y --no-install-recommends \
    build-essential \
    libgl1-mesa-dev freeglut3-dev mesa-utils \
    vulkan-tools libvulkan-dev \
    && \
    apt-get clean
COPY config/nvidia_icd.json /usr/share/vulkan/icd.d/
USER $USERNAME
WORKDIR /home/$USERNAME
SHELL ["/bin/bash", "-l", "-c"]
RUN echo "export VK_ICD_FILENAMES=/usr/share/vulkan/icd.d/nvidia_icd.json" >> ~/.bashrc
