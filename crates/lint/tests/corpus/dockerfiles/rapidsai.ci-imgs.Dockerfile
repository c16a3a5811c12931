# source: https://github.com/rapidsai/ci-imgs citestwheel.Dockerfile
ARG CUDA_VER=notset
ARG LINUX_VER=notset
FROM nvidia/cuda:${CUDA_VER}-base-${LINUX_VER}
ARG CUDA_VER=notset
ARG PYTHON_VER=notset
ENV RAPIDS_CUDA_VERSION="${CUDA_VER}"
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
ARG LINUX_VER=notset
RUN \
  --mount=type=secret,id=GH_TOKEN,env=GH_TOKEN \
  --mount=type=bind,source=scripts,target=/tmp/build-scripts \
<<EOF
LINUX_VER=${LINUX_VER} \
  /tmp/build-scripts/configure-system-package-managers
set -e
case "${LINUX_VER}" in
  "ubuntu"*)
    apt-get update -y
    PACKAGES_TO_INSTALL=(
      build-essential
      git
    )
    apt-get install -y --no-install-recommends \
      "${PACKAGES_TO_INSTALL[@]}"
    ;;
  "rockylinux"*)
    dnf install -y gcc git make
    ;;
  *)
    echo "Unsupported LINUX_VER: ${LINUX_VER}"
    exit 1
    ;;
esac
EOF
ENV PATH="/pyenv/versions/${PYTHON_VER}/bin/:$PATH"
CMD ["/bin/bash"]
