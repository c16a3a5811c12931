# source: https://github.com/FoldingAtHome/containers fah-gpu/Dockerfile
FROM nvidia/cuda:11.2.2-base-ubuntu18.04
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
    ocl-icd-opencl-dev \
    clinfo \
    curl \
 # the library is mounted by the container runtime
 && mkdir -p /etc/OpenCL/vendors \
 && echo "libnvidia-opencl.so.1" > /etc/OpenCL/vendors/nvidia.icd \
 # for postinst
 && mkdir -p /etc/fahclient && touch /etc/fahclient/config.xml \
 && curl -fsSL \
      https://download.foldingathome.org/releases/public/release/fahclient/debian-stable-64bit/v7.6/fahclient_7.6.21_amd64.deb \
      -o fah.deb \
 && DEBIAN_FRONTEND=noninteractive dpkg --install --force-depends fah.deb \
 && rm -rf /var/lib/apt/lists/*
WORKDIR "/fah"
VOLUME ["/fah"]
ENTRYPOINT ["/usr/bin/FAHClient", "--chdir", "/fah"]
