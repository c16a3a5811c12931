# source: https://github.com/NERSC/timemory docker/gpu/Dockerfile
FROM spack/ubuntu-bionic:latest as builder
ARG VERSION=develop
ARG COMPILER_SPEC=gcc
ARG CUDA_ARCH=70
ARG CUDA_ARCH_NAME=volta
RUN mkdir /opt/environment \
    &&  (echo "spack:" \
    &&   echo "  specs:" \
    &&   echo "  - cuda" \
    &&   echo "  - nccl cuda_arch=${CUDA_ARCH}" \
    &&   echo "  - timemory@${VERSION}%${COMPILER_SPEC} +cuda+cupti+mpi+nccl cuda_arch=${CUDA_ARCH_NAME}" \
    &&   echo "  config:" \
    &&   echo "    install_tree: /opt/software" \
    &&   echo "  view: /opt/view") > /opt/environment/spack.yaml
RUN apt-get update && apt-get install -y wget gpg cmake build-essential ninja-build
RUN cd /opt/environment && \
    spack compiler find && \
    spack external find && \
    spack --env . install && \
    spack gc -y
FROM spack/ubuntu-bionic:latest
COPY --from=builder /opt/software /opt/software
COPY --from=builder /opt/view /opt/view
LABEL "mpi"="mpich"
SHELL [ "/bin/bash", "--login", "-c" ]
ENTRYPOINT ["/bin/bash", "--rcfile", "/etc/profile", "-l"]
