# source: https://github.com/andrewhinh/template .devcontainer/gpu-from-scratch/dev-gpu.Dockerfile
FROM gpuci/miniconda-cuda:11.4-devel-ubuntu20.04
RUN apt-key adv --fetch-keys https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2004/x86_64/3bf863cc.pub \
    && apt update \
    && apt install -y git make wget
RUN echo "\"\e[A\": history-search-backward" > $HOME/.inputrc && echo "\"\e[B\": history-search-forward" $HOME/.inputrc
WORKDIR /root/backend
COPY ./backend/Makefile ./backend/environment.yml /root/backend/
RUN conda update -n base -c defaults conda
RUN make env
SHELL ["conda", "run", "--no-capture-output", "-n", "template", "/bin/bash", "-c"]
COPY ./backend/requirements /root/backend/requirements
RUN make install
ENTRYPOINT ["conda", "run", "--no-capture-output", "-n", "template", "/bin/bash"]