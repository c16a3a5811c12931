# source: https://github.com/pytorch/ignite docker/hvd/Dockerfile.hvd-apex
ARG PTH_VERSION
FROM pytorch/pytorch:${PTH_VERSION}-devel AS apex-hvd-builder
ENV CUDA_HOME=/usr/local/cuda
ENV PIP_BREAK_SYSTEM_PACKAGES=1
RUN export NCCL_ROOT=$(python -c "import nvidia; print(nvidia.__path__[0])")/nccl && \
        libnccl_filename=$(ls $NCCL_ROOT/lib) && \
        ln -s $NCCL_ROOT/lib/$libnccl_filename /lib/x86_64-linux-gnu/$libnccl_filename && \
        cp -R $NCCL_ROOT/include/* /usr/include
RUN apt-get update && apt-get install -y --no-install-recommends git
RUN git clone https://github.com/NVIDIA/apex /tmp/apex && \
    cd /tmp/apex && \
    pip wheel -v --no-cache-dir --no-build-isolation --config-settings "--build-option=--cpp_ext" --config-settings "--build-option=--cuda_ext" .
ARG HVD_VERSION
RUN pip install -U "cmake<4" && \
        git clone --depth 1 https://github.com/horovod/horovod.git /horovod && \
        cd /horovod && git checkout ${HVD_VERSION} && \
        sed -i '1i #include <string>' horovod/common/group_table.h && \
        HOROVOD_GPU_OPERATIONS=NCCL HOROVOD_NCCL_LINK=SHARED HOROVOD_WITHOUT_MPI=1 HOROVOD_WITH_PYTORCH=1 pip wheel --no-cache-dir --no-build-isolation .

FROM pytorch/pytorch:${PTH_VERSION}-runtime
COPY --from=apex-hvd-builder /tmp/apex/apex-*.whl /tmp/apex/
RUN pip install --no-cache-dir /tmp/apex/apex-*.whl
COPY --from=apex-hvd-builder /horovod/horovod-*.whl /horovod/
RUN cd /horovod && pip install --no-cache-dir horovod-*.whl
