# source: https://github.com/N-E-W-T-O-N/Build-OpenMoonRay-Arm64 cuda.Dockerfile
# syntax=docker/dockerfile:1
FROM --platform=arm64 newton2022/moonray:base
RUN printf "[main]\nmax_parallel_downloads=1\n" > /etc/dnf/dnf.conf
RUN dnf install -y dnf-plugins-core && \
    dnf config-manager --add-repo \
      https://developer.download.nvidia.com/compute/cuda/repos/rhel9/sbsa/cuda-rhel9.repo
RUN dnf install -y cuda && dnf clean all
ENV PATH=/usr/local/cuda/bin:$PATH \
    LD_LIBRARY_PATH=/usr/local/cuda/lib64
