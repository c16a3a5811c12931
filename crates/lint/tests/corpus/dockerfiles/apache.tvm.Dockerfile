# source: https://github.com/apache/tvm docker/Dockerfile.ci_gpu
FROM nvidia/cuda:12.8.1-cudnn-devel-ubuntu24.04
COPY --from=ghcr.io/astral-sh/uv:0.10.5 /uv /uvx /bin/
COPY utils/apt-install-and-clear.sh /usr/local/bin/apt-install-and-clear
# signing key
RUN apt-key adv --fetch-keys https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2404/x86_64/3bf863cc.pub
RUN rm -f /etc/apt/sources.list.d/nvidia-ml.list && apt-get clean
RUN apt-get update --fix-missing
COPY install/ubuntu_install_core.sh /install/ubuntu_install_core.sh
RUN bash /install/ubuntu_install_core.sh
RUN apt-get update && apt-install-and-clear -y doxygen libprotobuf-dev protobuf-compiler
ENV PATH=/usr/local/nvidia/bin:${PATH}
ENV CPLUS_INCLUDE_PATH=/usr/local/cuda/include
ENV LIBRARY_PATH=/usr/local/cuda/lib64:/usr/local/cuda/compat:${LIBRARY_PATH}
ENV LD_LIBRARY_PATH=/usr/local/cuda/lib64:/usr/local/cuda/compat:${LD_LIBRARY_PATH}
# the host's libcuda before that of compat, which only works on data-centre GPUs
ENV LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu/:${LD_LIBRARY_PATH}
ENV LD_LIBRARY_PATH=/opt/rocm/lib:${LD_LIBRARY_PATH}
