# source: https://github.com/NVIDIA/warp docker/warp-cpp-test-env/Dockerfile
ARG CUDA_VERSION=12.9.1
ARG UBUNTU_VERSION=24.04
FROM ubuntu:${UBUNTU_VERSION} AS base
ARG CUDA_VERSION
RUN apt-get update && apt-get install -y --no-install-recommends build-essential ca-certificates cmake wget curl python3 \
    && rm -rf /var/lib/apt/lists/*

FROM base AS cuda-installer
WORKDIR /tmp/cuda-install
ARG CUDA_VERSION
RUN wget --max-redirect=0 https://raw.githubusercontent.com/NVIDIA/build-system-archive-import-examples/20983d06bcaf0ba85933f8c6e46782cd85f64cf6/parse_redist.py
RUN CUDA_MAJOR=$(echo ${CUDA_VERSION} | cut -d. -f1) && \
    if [ "$CUDA_MAJOR" = "12" ]; then \
        COMPONENTS="cuda_cccl cuda_cudart cuda_nvcc"; \
    else \
        COMPONENTS="cuda_cccl cuda_crt cuda_cudart cuda_nvcc"; \
    fi && \
    for component in $COMPONENTS; do \
        python3 parse_redist.py --label ${CUDA_VERSION} --product cuda --os linux --arch x86_64 \
            --output /opt/cuda --component $component || exit 1; \
    done

FROM ghcr.io/astral-sh/uv:latest AS uv
FROM base AS final
COPY --from=cuda-installer /opt/cuda/linux-x86_64 /usr/local/cuda
COPY --from=uv /uv /uvx /bin/
RUN if [ ! -d /usr/local/cuda/lib64 ] && [ -d /usr/local/cuda/lib ]; then \
        ln -s lib /usr/local/cuda/lib64; \
    fi
ENV PATH=/usr/local/cuda/bin:${PATH} \
    LD_LIBRARY_PATH=/usr/local/cuda/lib64:/usr/local/cuda/lib \
    CUDA_HOME=/usr/local/cuda
RUN nvcc --version && uv --version && cmake --version
CMD ["/bin/bash"]
