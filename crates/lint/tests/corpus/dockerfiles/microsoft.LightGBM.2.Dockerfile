# source: https://github.com/microsoft/LightGBM docker/gpu/dockerfile.gpu
FROM nvidia/cuda:8.0-cudnn5-devel

#################################################################################
ENV LANG=C.UTF-8 LC_ALL=C.UTF-8
ENV CUDA_HOME /usr/local/cuda
ENV LD_LIBRARY_PATH ${LD_LIBRARY_PATH}:${CUDA_HOME}/lib64
ENV LD_LIBRARY_PATH ${LD_LIBRARY_PATH}:/usr/local/lib
ENV OPENCL_LIBRARIES /usr/local/cuda/lib64
ENV TINI_VERSION v0.14.0
ADD https://github.com/krallin/tini/releases/download/${TINI_VERSION}/tini /tini
RUN apt-get update && \
apt-get install -y --no-install-recommends \
build-essential \
curl \
git \
cmake \
libboost-dev
RUN mkdir -p /etc/OpenCL/vendors && \
    echo "libnvidia-opencl.so.1" > /etc/OpenCL/vendors/nvidia.icd
ARG CONDA_DIR=/opt/miniforge
ENV PATH $CONDA_DIR/bin:$PATH
RUN echo "export PATH=$CONDA_DIR/bin:"'$PATH' > /etc/profile.d/conda.sh && \
    curl -sL https://github.com/conda-forge/miniforge/releases/latest/download/Miniforge3-Linux-x86_64.sh -o ~/miniforge.sh
VOLUME /home
ENTRYPOINT [ "/tini", "--" ]
CMD /bin/bash -c "source activate py3 && jupyter notebook --allow-root --no-browser && source deactivate"
