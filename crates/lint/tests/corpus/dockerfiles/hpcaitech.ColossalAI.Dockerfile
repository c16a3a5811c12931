# source: https://github.com/hpcaitech/ColossalAI docker/Dockerfile
FROM hpcaitech/cuda-conda:12.1
RUN mkdir ~/.ssh && \
    printf "Host * \n    ForwardAgent yes\nHost *\n    StrictHostKeyChecking no" > ~/.ssh/config
RUN apt-get update && \
    apt-get install -y infiniband-diags perftest ibverbs-providers libibverbs1 librdmacm1
RUN conda install -y python==3.10 && conda install -y pytorch==2.1.2 torchvision==0.16.2 torchaudio==2.1.2 pytorch-cuda=12.1 -c pytorch -c nvidia
RUN apt-get update && \
    apt-get install -y --no-install-recommends ninja-build
RUN git clone https://github.com/NVIDIA/apex && \
    cd apex && \
    git checkout a7de60 && \
    pip install packaging && \
    pip install -v --disable-pip-version-check --no-cache-dir --no-build-isolation --config-settings "--build-option=--cpp_ext" --config-settings "--build-option=--cuda_ext" ./
ARG VERSION=main
RUN git clone -b ${VERSION} https://github.com/hpcaitech/ColossalAI.git \
    && cd ./ColossalAI \
    && BUILD_EXT=1 pip install -v . \
    && rm -rf colossalai
