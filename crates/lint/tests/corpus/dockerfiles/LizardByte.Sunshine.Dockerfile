# syntax=docker/dockerfile:1
# source: https://github.com/LizardByte/Sunshine docker/clion-toolchain.dockerfile
# artifacts: false
# platforms: linux/amd64
ARG BASE=debian
ARG TAG=trixie-slim
FROM ${BASE}:${TAG} AS toolchain-base
FROM toolchain-base AS toolchain
ARG TARGETPLATFORM
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN <<_DEPS
set -e
apt-get update -y
apt-get install -y --no-install-recommends \
  build-essential cmake=3.31.* gcc=4:14.2.* g++=4:14.2.* git wget
_DEPS
ENV CUDA_VERSION="12.9.1"
ENV CUDA_BUILD="575.57.08"
RUN <<_INSTALL_CUDA
#!/bin/bash
set -e
url="https://developer.download.nvidia.com/compute/cuda/${CUDA_VERSION}/local_installers/cuda_${CUDA_VERSION}_${CUDA_BUILD}_linux.run"
wget "$url" --progress=bar:force:noscroll -O /tmp/cuda.run
chmod a+x /tmp/cuda.run
/tmp/cuda.run --silent --toolkit --toolkitpath=/usr/local --no-opengl-libs --no-man-page --no-drm
_INSTALL_CUDA
WORKDIR /toolchain
RUN <<_ENTRYPOINT
#!/bin/bash
set -e
cat <<EOF > entrypoint.sh
#!/bin/bash
exec "\$@"
EOF

# made executable
chmod +x entrypoint.sh
_ENTRYPOINT
ENTRYPOINT ["/toolchain/entrypoint.sh"]
