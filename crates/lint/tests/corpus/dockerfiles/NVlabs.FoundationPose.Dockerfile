# source: https://github.com/NVlabs/FoundationPose docker/dockerfile
FROM nvidia/cudagl:11.3.0-devel-ubuntu20.04
ENV TZ=US/Pacific
RUN apt-get update --fix-missing && apt-get install -y wget git g++ gcc build-essential cmake
SHELL ["/bin/bash", "--login", "-c"]
RUN cd / && wget --quiet https://repo.anaconda.com/miniconda/Miniconda3-latest-Linux-x86_64.sh -O /miniconda.sh && \
    /bin/bash /miniconda.sh -b -p /opt/conda &&\
    ln -s /opt/conda/etc/profile.d/conda.sh /etc/profile.d/conda.sh &&\
    /opt/conda/bin/conda create -n my python=3.8
ENV PATH $PATH:/opt/conda/envs/my/bin
RUN conda init bash &&\
    echo "conda activate my" >> ~/.bashrc &&\
    conda activate my &&\
    pip install torch==2.0.0+cu118 torchvision==0.15.1+cu118 torchaudio==2.0.1 --index-url https://download.pytorch.org/whl/cu118 &&\
    pip install "git+https://github.com/facebookresearch/pytorch3d.git@stable"
RUN cd / && git clone --recursive https://github.com/NVIDIAGameWorks/kaolin
RUN conda activate my && cd /kaolin &&\
    FORCE_CUDA=1 python setup.py develop
RUN cd / && git clone https://github.com/NVlabs/nvdiffrast &&\
    conda activate my && cd /nvdiffrast && pip install .
ENV SHELL=/bin/bash
RUN ln -sf /bin/bash /bin/sh
