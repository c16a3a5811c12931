# source: https://github.com/Teoroo-CMC/PiNN Dockerfile.gpu
FROM tensorflow/tensorflow:2.8.0-gpu-jupyter
RUN apt-key del 7fa2af80 && \
    apt-key adv --fetch-keys https://developer.download.nvidia.com/compute/cuda/repos/ubuntu1804/x86_64/3bf863cc.pub && \
    sed -i '/developer\.download\.nvidia\.com\/compute\/cuda\/repos/d' /etc/apt/sources.list
RUN apt-get update
RUN apt-get install -y seccomp
COPY . /srv/pinn
RUN pip install '/srv/pinn[extra]'
ENTRYPOINT ["pinn"]
