# source: https://github.com/deepspeedai/DeepSpeed docker/Dockerfile
FROM nvidia/cuda:12.2.2-devel-ubuntu20.04
ENV DEBIAN_FRONTEND noninteractive
ENV STAGE_DIR=/tmp
RUN apt-get update && \
    apt-get install -y --no-install-recommends \
        software-properties-common build-essential autotools-dev \
        cmake g++ gcc curl wget git ca-certificates openssh-server
ENV MLNX_OFED_VERSION=4.9-7.1.0.0
RUN cd ${STAGE_DIR} && \
    wget -q -O - http://www.mellanox.com/downloads/ofed/MLNX_OFED-${MLNX_OFED_VERSION}/MLNX_OFED_LINUX-${MLNX_OFED_VERSION}-ubuntu20.04-x86_64.tgz | tar xzf - && \
    cd MLNX_OFED_LINUX-${MLNX_OFED_VERSION}-ubuntu20.04-x86_64 && \
    ./mlnxofedinstall --user-space-only --without-fw-update --all -q
ENV NV_PEER_MEM_TAG=1.2-0
RUN git clone https://github.com/Mellanox/nv_peer_memory.git --branch ${NV_PEER_MEM_TAG} ${STAGE_DIR}/nv_peer_memory && \
    cd ${STAGE_DIR}/nv_peer_memory && \
    ./build_module.sh && \
    apt-get install -y dkms && \
    dpkg-buildpackage -us -uc && \
    dpkg -i ${STAGE_DIR}/nvidia-peer-memory_${NV_PEER_MEM_TAG}_all.deb
RUN wget -q -O - https://download.open-mpi.org/release/open-mpi/v4.1/openmpi-4.1.6.tar.gz | tar xzf - && \
    cd openmpi-4.1.6 && ./configure --prefix=/usr/local/mpi && make install
ENV PATH=/usr/local/mpi/bin:${PATH} \
    LD_LIBRARY_PATH=/usr/local/lib:/usr/local/mpi/lib:/usr/local/mpi/lib64:${LD_LIBRARY_PATH}
RUN apt-get install -y python3 python3-dev && \
    ln -s /usr/bin/python3 /usr/bin/python && \
    curl -O https://bootstrap.pypa.io/pip/3.6/get-pip.py && python3 get-pip.py && \
    # what is it
    pip -V
RUN apt-get update && \
    apt-get install -y --no-install-recommends libcupti-dev libaio-dev
ENV PYTORCH_VERSION=1.13.0
RUN pip install torch==${PYTORCH_VERSION}
RUN git clone https://github.com/deepspeedai/DeepSpeed.git ${STAGE_DIR}/DeepSpeed
RUN cd ${STAGE_DIR}/DeepSpeed && ./install.sh --pip_sudo
RUN python -c "import deepspeed; print(deepspeed.__version__)"
