# source: https://github.com/NVlabs/nvdiffrast Dockerfile
FROM nvcr.io/nvidia/pytorch:25.06-py3
RUN pip install ninja imageio
COPY csrc /src/csrc
COPY nvdiffrast /src/nvdiffrast
COPY *.py *.toml *.md *.txt /src
RUN cd /src && TORCH_CUDA_ARCH_LIST="8.0 8.6 8.9 9.0" pip install . --no-build-isolation
