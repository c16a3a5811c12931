# source: https://github.com/tensorflow/build tensorflow_runtime_dockerfiles/gpu.Dockerfile
FROM nvidia/cuda:12.3.0-base-ubuntu22.04 as base
ENV DEBIAN_FRONTEND=noninteractive
COPY setup.sources.sh setup.packages.sh gpu.packages.txt /
RUN /setup.sources.sh && /setup.packages.sh /gpu.packages.txt
ARG PYTHON_VERSION=python3.11
ARG TENSORFLOW_PACKAGE=tf-nightly
COPY setup.python.sh gpu.requirements.txt setup.cuda.sh /
RUN /setup.python.sh $PYTHON_VERSION /gpu.requirements.txt
RUN pip install --no-cache-dir ${TENSORFLOW_PACKAGE}
RUN /setup.cuda.sh
FROM base as jupyter
COPY setup.jupyter.sh /
RUN /setup.jupyter.sh
CMD ["bash", "-c", "source /etc/bash.bashrc && jupyter notebook --ip 0.0.0.0 --no-browser --allow-root"]
FROM base as test
ENV LD_LIBRARY_PATH /usr/local/cuda/lib64/stubs/:$LD_LIBRARY_PATH
COPY test.import_cpu.sh /
RUN /test.import_cpu.sh
