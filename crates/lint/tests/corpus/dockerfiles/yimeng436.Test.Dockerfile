# source: https://github.com/yimeng436/Test Dockerfile
FROM pytorch/pytorch:1.11.0-cuda11.3-cudnn8-devel
RUN pip install tensorboard
RUN apt-key adv --fetch-keys https://developer.download.nvidia.com/compute/cuda/repos/ubuntu1804/x86_64/3bf863cc.pub
RUN apt-key adv --fetch-keys https://developer.download.nvidia.com/compute/machine-learning/repos/ubuntu1804/x86_64/7fa2af80.pub
RUN apt-get update && apt-get install -y ffmpeg git ninja-build libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/*
RUN pip install cython pip install pycocotools
RUN pip install -U openmim
RUN mim install mmcv-full==1.7.0 -f https://download.openmmlab.com/mmcv/dist/cu102/torch1.8.1/index.html
RUN conda clean --all
RUN git clone https://github.com/open-mmlab/mmrotate.git /mmrotate
WORKDIR /mmrotate
ENV FORCE_CUDA="1"
RUN pip install -r requirements/build.txt
RUN pip install --no-cache-dir -e .
