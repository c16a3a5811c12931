# source: https://github.com/lomcin/docker-gprmax docker/gprmax_gpu/gprMax_gpu.dockerfile
FROM nvidia/cuda:11.4.1-runtime-ubuntu20.04
ARG DEBIAN_FRONTEND=noninteractive
ARG USE_PYTHON_3=True
ARG _PY_SUFFIX=${USE_PYTHON_3:+3}
ARG PYTHON=python${_PY_SUFFIX}
ARG PIP=pip${_PY_SUFFIX}
RUN apt-get update && apt-get install -y \
    ${PYTHON}-dev \
    ${PYTHON}-pip \
    git build-essential
RUN ${PIP} install --no-cache-dir --upgrade \
    pip \
    setuptools
RUN ln -s -f $(which ${PYTHON}) /usr/local/bin/python
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
RUN git clone https://github.com/gprMax/gprMax.git
WORKDIR /app/gprMax
RUN python setup.py build
RUN python setup.py install
CMD [ "model.in" ]
ENTRYPOINT [ "python", "-m", "gprMax"]
