# source: https://github.com/EleutherAI/gpt-neox containers/docker/Dockerfile
FROM nvcr.io/nvidia/pytorch:24.02-py3
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update -y && \
    apt-get install -y python3-pip sudo pdsh cmake libcupti-dev libmlx4-1 infiniband-diags \
        rdmacm-utils perftest rdma-core && \
    python -m pip install gpustat
RUN mkdir /var/run/sshd && \
    # stay logged in
    sed -i 's@session\s*required\s*pam_loginuid.so@session optional pam_loginuid.so@g' /etc/pam.d/sshd && \
    # sudo and core dumps
    echo "Set disable_coredump false" >> /etc/sudo.conf
ENV PATH=/usr/local/mpi/bin:${PATH} \
    LD_LIBRARY_PATH=/usr/local/lib:/usr/local/mpi/lib:/usr/local/mpi/lib64:${LD_LIBRARY_PATH}
RUN mv /usr/local/mpi/bin/mpirun /usr/local/mpi/bin/mpirun.real && \
    echo '#!/bin/bash' > /usr/local/mpi/bin/mpirun && \
    echo 'mpirun.real --allow-run-as-root --prefix /usr/local/mpi "$@"' >> /usr/local/mpi/bin/mpirun
COPY requirements/* ./
RUN python -m pip install --no-cache-dir -r requirements.txt && pip install -r requirements-onebitadam.txt
RUN python -m pip install protobuf==3.20.*
COPY megatron/fused_kernels/ /megatron/fused_kernels
WORKDIR /megatron/fused_kernels
RUN python setup.py install
RUN useradd --create-home --uid 1000 mchorse
USER mchorse
