# source: https://github.com/borisdayma/dalle-mini Docker/Dockerfile
FROM nvidia/cuda:11.6.2-cudnn8-devel-ubuntu20.04
RUN apt-get update && apt-get install -y git python3-pip
RUN pip install --upgrade "jax[cuda]" -f https://storage.googleapis.com/jax-releases/jax_cuda_releases.html
RUN pip install -q git+https://github.com/borisdayma/dalle-mini.git jupyter
WORKDIR /workspace
