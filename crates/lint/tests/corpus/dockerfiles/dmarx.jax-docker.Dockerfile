# source: https://github.com/dmarx/jax-docker Dockerfile
FROM nvidia/cuda:11.2.2-cudnn8-devel-ubuntu20.04
ENV IMG_NAME=11.2.2-cudnn8-devel-ubuntu20.04 \
    # which jaxlib
    # JAXLIB_VERSION=0.1.62
    JAXLIB_VERSION=0.1.65 \
    JUPYTER_TOKEN=foobar
RUN apt update && apt install python3-pip -y
RUN ln -sf /usr/bin/python3 /usr/bin/python && \
ln -sf /usr/bin/pip3 /usr/bin/pip
RUN pip install --no-cache-dir --upgrade numpy scipy six wheel
RUN pip install --no-cache-dir jaxlib==${JAXLIB_VERSION}+cuda112 -f https://storage.googleapis.com/jax-releases/jax_releases.html
RUN pip install --no-cache-dir jax==0.2.17
RUN pip install --no-cache-dir --upgrade trax flax dm-haiku optax chex jraph
RUN pip install --no-cache-dir --upgrade tensorflow 
ENTRYPOINT jupyter lab \
    --allow-root \
    --ip=0.0.0.0 \
    --ServerApp.token=$JUPYTER_TOKEN