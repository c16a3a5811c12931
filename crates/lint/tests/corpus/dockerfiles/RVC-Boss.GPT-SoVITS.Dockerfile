# source: https://github.com/RVC-Boss/GPT-SoVITS Dockerfile
ARG CUDA_VERSION=12.6
ARG TORCH_BASE=full
FROM xxxxrt666/torch-base:cu${CUDA_VERSION}-${TORCH_BASE}
ARG CUDA_VERSION=12.6
ENV CUDA_VERSION=${CUDA_VERSION}
SHELL ["/bin/bash", "-c"]
WORKDIR /workspace/GPT-SoVITS
COPY Docker /workspace/GPT-SoVITS/Docker/
ARG TARGETPLATFORM
ENV TARGETPLATFORM=${TARGETPLATFORM}
COPY requirements.txt install.sh /workspace/GPT-SoVITS/
RUN bash Docker/install_wrapper.sh
RUN conda init bash && echo "conda activate base" >> ~/.bashrc
COPY . /workspace/GPT-SoVITS
CMD ["/bin/bash", "-c", "\
  rm -rf /workspace/GPT-SoVITS/GPT_SoVITS/pretrained_models && \
  ln -s /workspace/models/pretrained_models /workspace/GPT-SoVITS/GPT_SoVITS/pretrained_models && \
  exec bash"]
