# source: https://github.com/ovh/ai-training-examples jobs/jupyterlab/tensorflow/Dockerfile
FROM tensorflow/tensorflow:2.4.1-gpu
RUN chsh -s /bin/bash
RUN rm /bin/sh && ln -s /bin/bash /bin/sh
RUN apt-get -qy update && apt-get install -qy \
    vim curl wget git \
    && apt-get -qq clean
ENV NVM_DIR /root/.nvm
RUN curl --silent -o- https://raw.githubusercontent.com/creationix/nvm/v0.33.11/install.sh | bash
RUN source $NVM_DIR/nvm.sh \
    && nvm install v12.20.1
RUN pip install pip==20.3.4 && \
    pip install jupyterlab==2.2.9 ipywidgets==7.6.3 && \
    jupyter nbextension enable --py widgetsnbextension #enable ipywidgets
RUN mkdir -p /workspace && chown -R 42420:42420 /workspace
ENTRYPOINT []
CMD ["/usr/bin/jupyter.sh"]
