# source: https://github.com/sparsetrace/dockerimg Dockerfile
FROM nvidia/cuda:12.1.1-cudnn8-runtime-ubuntu22.04
RUN apt-get update &&     apt-get install -y --no-install-recommends       python3.10       python3-pip       build-essential       git
RUN python3.10 -m pip install --upgrade pip wheel
RUN python3.10 -m pip install     numpy     jax[cuda12_pip]>=0.4.20     flax     -f https://storage.googleapis.com/jax-releases/jax_cuda_releases.html
COPY . /srv
CMD ["sleep", "infinity"]
