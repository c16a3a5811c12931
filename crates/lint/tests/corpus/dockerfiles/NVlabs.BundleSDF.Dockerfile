# source: https://github.com/NVlabs/BundleSDF docker/dockerfile
FROM nvidia/cuda:11.3.1-cudnn8-devel-ubuntu20.04
ENV TZ=US/Pacific
RUN ln -snf /usr/share/zoneinfo/$TZ /etc/localtime && echo $TZ > /etc/timezone
RUN apt-get update --fix-missing && apt-get install -y wget git g++ gcc build-essential cmake pkg-config
RUN cd / && git clone https://github.com/opencv/opencv && cd opencv && git checkout 3.4.15 && mkdir build
RUN cd /opencv/build &&\
    cmake .. -DCMAKE_BUILD_TYPE=Release -DCUDA_FAST_MATH=ON -DWITH_CUDA=ON &&\
    make -j6 &&\
    make install
SHELL ["/bin/bash", "--login", "-c"]
RUN cd / && wget --quiet https://repo.anaconda.com/miniconda/Miniconda3-latest-Linux-x86_64.sh -O /miniconda.sh && \
    /bin/bash /miniconda.sh -b -p /opt/conda &&\
    ln -s /opt/conda/etc/profile.d/conda.sh /etc/profile.d/conda.sh &&\
    /opt/conda/bin/conda create -n py38 python=3.8
ENV PATH $PATH:/opt/conda/envs/py38/bin
RUN conda init bash &&\
    conda activate py38 &&\
    pip install torch==1.11.0+cu113 torchvision==0.12.0+cu113 --extra-index-url https://download.pytorch.org/whl/cu113 &&\
    pip install "git+https://github.com/facebookresearch/pytorch3d.git@stable"
RUN cd / && git clone --recursive https://github.com/NVIDIAGameWorks/kaolin
RUN conda activate py38 && cd /kaolin &&\
    # sed -i "223i\ extra_compile_args['nvcc'] += ['-gencode=arch=compute_80,code=sm_80']" setup.py &&\
    FORCE_CUDA=1 python setup.py develop
