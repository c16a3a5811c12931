# source: https://github.com/sparsetrace/dockerimg Dockerfile
FROM nvidia/cuda:12.1.1-cudnn8-runtime-ubuntu22.04
WORKDIR /app
RUN apt-get update &&     apt-get install -y --no-install-recommends       python3.10       python3-pip       ca-certificates       wget       build-essential       git &&     rm -rf /var/lib/apt/lists/*
RUN ln -sf /usr/bin/python3.10 /usr/bin/python
RUN python -m pip install --upgrade pip wheel
RUN python -m pip install --no-cache-dir     numpy     jax[cuda12_pip]>=0.4.20     optax     flax     -f https://storage.googleapis.com/jax-releases/jax_cuda_releases.html
ENTRYPOINT ["sleep", "infinity"]
