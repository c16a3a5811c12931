# source: https://github.com/cupy/cupy .pfnci/linux/tests/cuda130.Dockerfile
# AUTO GENERATED: DO NOT EDIT!
ARG BASE_IMAGE="nvidia/cuda:13.0.0-devel-ubuntu22.04"
FROM ${BASE_IMAGE}
RUN export DEBIAN_FRONTEND=noninteractive && \
    apt-get -qqy update && \
    apt-get -qqy install \
       make build-essential libssl-dev zlib1g-dev \
       liblzma-dev \
\
       && \
    apt-get -qqy install ccache git curl && \
    apt-get -qqy --allow-change-held-packages \
            --allow-downgrades install 'libnccl2=2.28.*+cuda13.0' 'libnccl-dev=2.28.*+cuda13.0' 'libcutensor2-cuda-13=2.4.*' 'libcutensor2-dev-cuda-13=2.4.*'
ENV PATH "/usr/lib/ccache:${PATH}"
ENV CUPY_INCLUDE_PATH=/usr/include/libcutensor/13:${CUPY_INCLUDE_PATH}
ENV LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu/libcutensor/13:${LD_LIBRARY_PATH}
RUN git clone https://github.com/pyenv/pyenv.git /opt/pyenv
ENV PYENV_ROOT "/opt/pyenv"
ENV PATH "${PYENV_ROOT}/shims:${PYENV_ROOT}/bin:${PATH}"
RUN pyenv install 3.14.6 && \
    pyenv global 3.14.6
RUN pip install -U 'numpy==2.4.*' 'cython==3.2.*,!=3.2.6'
RUN pip uninstall -y mpi4py cuda-python nvmath-python && \
    pip check
