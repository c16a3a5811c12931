# source: https://github.com/chainer/chainer .pfnci/chainermn.Dockerfile
ARG BASE_IMAGE=9.2-cudnn7-devel
FROM nvidia/cuda:${BASE_IMAGE}
RUN apt-get update -y && \
    apt-get install -y --no-install-recommends \
    git cmake \
	curl \
	libffi-dev \
	build-essential \
    wget \
    && \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*
ENV OMPI_VERSION 3.1.3
RUN cd /tmp && wget -q https://www.open-mpi.org/software/ompi/v${OMPI_VERSION%\.*}/downloads/openmpi-$OMPI_VERSION.tar.bz2 && \
    tar -xjf openmpi-$OMPI_VERSION.tar.bz2
RUN cd /tmp/openmpi-$OMPI_VERSION && \
    ./configure --prefix=/usr --with-cuda --disable-mpi-java && \
    make -j 10 && make install && \
    /usr/bin/ompi_info --parsable --all | grep -q "mpi_built_with_cuda_support:value:true"
ENV PYENV_ROOT /usr/local/pyenv
RUN git clone https://github.com/pyenv/pyenv.git $PYENV_ROOT
ENV BASH_PROFILE /root/.bash_profile
RUN echo 'export PATH="$PYENV_ROOT/bin:$PATH"' >> $BASH_PROFILE && \
	echo 'eval "$(pyenv init -)"' >> $BASH_PROFILE
COPY . /cupy
RUN . $BASH_PROFILE && cd /cupy && pyenv install 3.6.8 && \
	pip install cython && \
	pip install chainer pytest mock mpi4py && \
	pip uninstall -y chainer && \
    pip install .
