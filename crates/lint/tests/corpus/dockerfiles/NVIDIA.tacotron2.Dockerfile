# source: https://github.com/NVIDIA/tacotron2 Dockerfile
FROM pytorch/pytorch:nightly-devel-cuda10.0-cudnn7
ENV PATH /usr/local/nvidia/bin:/usr/local/cuda/bin:${PATH}
RUN apt-get update -y
RUN pip install librosa==0.6.0 tensorflow tensorboardX
ADD apex /src/apex/
RUN cd /src/apex && pip install -v --global-option="--cpp_ext" --global-option="--cuda_ext" .
