# source: https://github.com/ocdevel/gnothi old_project/gpu.dockerfile
FROM nvidia/cuda:10.2-cudnn7-runtime-ubuntu18.04
ENV PATH /opt/conda/bin:$PATH
RUN apt-get update -y && \
    apt-get install -y bash ca-certificates curl git build-essential gcc unzip wget && \
    rm -rf /var/lib/apt/lists
RUN wget --quiet https://repo.anaconda.com/miniconda/Miniconda3-latest-Linux-x86_64.sh -O ~/miniconda.sh && \
    /bin/bash ~/miniconda.sh -b -p /opt/conda && \
    rm ~/miniconda.sh
CMD ["/bin/bash"]

RUN conda install pytorch cudatoolkit=10.2 -c pytorch
RUN pip install --no-cache-dir transformers==4.5.1 sentence-transformers==1.1.0
RUN conda install -c conda-forge spacy && \
  conda install -c conda-forge cupy && \
  python -m spacy download en_core_web_sm
ENV TORCH_HOME=/storage/transformers
WORKDIR /paperspace
ENTRYPOINT python app/run.py
