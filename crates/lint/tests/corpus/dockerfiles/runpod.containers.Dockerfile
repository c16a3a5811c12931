# source: https://github.com/runpod/containers helper-templates/verify-nccl/Dockerfile
FROM runpod/pytorch:2.0.1-py3.10-cuda11.8.0-devel
ENV NCCL_DEBUG=TRACE
RUN apt-get update && \
    apt-get install -y --no-install-recommends pciutils
RUN git clone https://github.com/NVIDIA/cuda-samples.git /src && make -C /src/Samples/0_Introduction/simpleP2P
COPY --chmod=755 check_nccl.sh /usr/local/bin/
CMD ["tail", "-f", "/dev/null"]
