# source: https://github.com/ddobrinskiy/docker_deep_learning Dockerfile_rapids
FROM rapidsai/rapidsai:cuda11.0-runtime-ubuntu16.04
RUN apt-get -qq update && apt-get install \
        git \
        zsh \
        --yes > /dev/null
RUN conda install -n rapids \
        -c conda-forge \
        nodejs ipywidgets \
        --yes > /dev/null
RUN conda install -n rapids  \
        -c fastai  \
        -c pytorch  \
        'fastai>=2'  \
        --yes > /dev/null
COPY start_jupyter.sh /rapids/utils/
