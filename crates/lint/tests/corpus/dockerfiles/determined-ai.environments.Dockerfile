# source: https://github.com/determined-ai/environments Dockerfile-default-cuda
ARG BASE_IMAGE
FROM ${BASE_IMAGE}
COPY dockerfile_scripts /tmp/det_dockerfile_scripts
ARG WITH_NCCL
ENV HOROVOD_NCCL_HOME=${WITH_NCCL:+"/container/nccl"}
ENV HOROVOD_NCCL_LINK=${WITH_NCCL:+SHARED}
RUN if [ -n "${WITH_NCCL}" ]; then /tmp/det_dockerfile_scripts/build_nccl.sh; fi
ARG WITH_OFI
ENV NCCL_LIB_DIR=${HOROVOD_NCCL_HOME}/lib
ENV LD_LIBRARY_PATH=${WITH_OFI:+$NCCL_LIB_DIR:}$LD_LIBRARY_PATH
ARG TENSORFLOW_PIP
ARG TORCH_PIP
RUN if [ "$TENSORFLOW_PIP" ]; then \
        export HOROVOD_WITH_TENSORFLOW=1 \
        && python -m pip install $TENSORFLOW_PIP; \
    else \
        export HOROVOD_WITH_TENSORFLOW=0; \
    fi
RUN if [ "$TORCH_PIP" ]; then \
        python -m pip install $TORCH_PIP; \
    fi
ARG TF_CUDA_SYM
RUN if [ "$TF_CUDA_SYM" ]; then ln -s /usr/local/cuda/lib64/libcusolver.so.11 /opt/conda/lib/python3.8/site-packages/tensorflow/python/libcusolver.so.10; fi
ARG TORCH_CUDA_ARCH_LIST
RUN /tmp/det_dockerfile_scripts/install_apex.sh
