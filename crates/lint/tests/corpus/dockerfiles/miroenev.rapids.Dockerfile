# source: https://github.com/miroenev/rapids Dockerfile
FROM rapidsai/rapidsai:0.11-cuda10.1-runtime-ubuntu18.04
ENV CONDA_ENV rapids
RUN source activate $CONDA_ENV && \
    apt-get update && \
    apt-get install -y screen unzip git vim
RUN source activate $CONDA_ENV && jupyter labextension install @jupyter-widgets/jupyterlab-manager
RUN source activate $CONDA_ENV && conda install -y -c conda-forge ipyvolume && conda clean -yac *
RUN git clone https://github.com/miroenev/rapids
# deep learning, too
RUN source activate $CONDA_ENV && conda install -y -c pytorch pytorch    
EXPOSE 8888
