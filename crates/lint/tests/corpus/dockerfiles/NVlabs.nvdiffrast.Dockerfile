# source: https://github.com/NVlabs/nvdiffrast Dockerfile
FROM nvcr.io/nvidia/pytorch:25.06-py3
ENV PYTHONDONTWRITEBYTECODE=1
RUN pip install ninja imageio imageio-ffmpeg
COPY csrc /tmp/nvdiffrast/csrc
COPY nvdiffrast /tmp/nvdiffrast/nvdiffrast
COPY *.py *.toml *.md *.txt /tmp/nvdiffrast
RUN TORCH_CUDA_ARCH_LIST="8.0 8.6 8.9 9.0" pip install /tmp/nvdiffrast --no-build-isolation
