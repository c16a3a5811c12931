# source: https://github.com/abetlen/llama-cpp-python docker/open_llama/Dockerfile
# CPU or GPU, by argument
ARG IMAGE=python:3-slim-bookworm
FROM ${IMAGE}
ARG IMAGE
RUN apt-get update && apt-get upgrade -y && apt-get install -y --no-install-recommends \
    python3 python3-pip ninja-build build-essential
RUN python3 -m pip install --upgrade pip cmake scikit-build setuptools
RUN echo "Image: ${IMAGE}" && \
    if [ "${IMAGE}" = "python:3-slim-bookworm" ] ; then \
    apt-get install -y --no-install-recommends libopenblas-dev && \
    CMAKE_ARGS="-DGGML_BLAS=ON -DGGML_BLAS_VENDOR=OpenBLAS" pip install llama-cpp-python --verbose; \
else \
    CMAKE_ARGS="-DGGML_CUDA=on" pip install llama-cpp-python --verbose; \
fi
WORKDIR /app
COPY ./model.bin ./start_server.sh /app/
CMD ["/bin/sh", "/app/start_server.sh"]
