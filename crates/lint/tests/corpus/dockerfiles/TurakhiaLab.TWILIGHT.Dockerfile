# source: https://github.com/TurakhiaLab/TWILIGHT docker/gpu/Dockerfile
FROM --platform=linux/amd64 nvidia/cuda:12.2.0-devel-ubuntu20.04
ENV DEBIAN_FRONTEND noninteractive
RUN apt-get update && \
    apt-get install -y \
       	wget git build-essential libboost-all-dev \
		libtbb-dev \
	    cmake && \
	apt-get clean
ENV CONDA_DIR /opt/conda
RUN wget --quiet https://repo.anaconda.com/miniconda/Miniconda3-latest-Linux-x86_64.sh -O ~/miniconda.sh && \
   /bin/bash ~/miniconda.sh -b -p /opt/conda
ENV PATH=$CONDA_DIR/bin:$PATH
RUN conda create -n twilight python=3.11 -y
SHELL ["conda", "run", "-n", "twilight", "/bin/bash", "-c"]
RUN git clone https://github.com/TurakhiaLab/TWILIGHT.git && \
    cd TWILIGHT && \
    bash ./install/buildTWILIGHT.sh cuda
WORKDIR /home/TWILIGHT
CMD ["bash"]
