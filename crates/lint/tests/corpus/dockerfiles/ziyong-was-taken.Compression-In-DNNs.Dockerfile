# source: https://github.com/ziyong-was-taken/Compression-In-DNNs Dockerfile
FROM mambaorg/micromamba:latest
ENV CONDA_OVERRIDE_CUDA=12.8
COPY environment.yaml /tmp/
RUN micromamba install --yes --name base --file /tmp/environment.yaml && \
    micromamba clean -afy
COPY *.py .
