# source: https://github.com/Quansight-Labs/array-api-gpu-demo cuda.Dockerfile
FROM gpuci/miniconda-cuda:11.2-devel-ubuntu20.04
RUN apt-get update -y \
    && apt-get install -y libxml2 libxml2-dev
RUN mkdir -p /demo/packages/ && cd /demo/packages && \
    git clone https://github.com/aktech/cupy.git --branch array-api-gpu-demo --recursive
COPY environment.yml /demo/environment.yml
ENV CONDA_ENV_NAME=demo
ENV CUDA_VERSION=11.2
ENV CUDA_PATH=/usr/local/cuda-$CUDA_VERSION
ENV CUDA_HOME=$CUDA_PATH
ENV LD_LIBRARY_PATH=$LD_LIBRARY_PATH:$CUDA_HOME/lib64
ENV CUPY_NUM_BUILD_JOBS=55
ENV CUPY_NVCC_GENERATE_CODE=current
RUN conda install mamba -n base -c conda-forge && mamba env create -f /demo/environment.yml
SHELL ["conda", "run", "-n", "demo", "/bin/bash", "-c"]
ENV CFLAGS="$CFLAGS -I$CUDA_HOME/include"
ENV LDFLAGS="${LDFLAGS} -Wl,-rpath-link,${CUDA_HOME}/lib64 -L${CUDA_HOME}/lib64 -L$CUDA_HOME/lib64/stubs"
RUN cd /demo/packages/cupy && python setup.py develop
