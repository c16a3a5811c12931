# source: https://github.com/hu-po/jamba Dockerfile
FROM nvcr.io/nvidia/jax:23.08-py3
ENV RUN_NAME="test"
# the wheel with its own CUDA
RUN pip install "jax[cuda12_pip]" -f https://storage.googleapis.com/jax-releases/jax_cuda_releases.html \
    jaxlib matplotlib
COPY src/* /src/
CMD ["python", "/src/jamba.py"]