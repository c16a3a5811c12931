# source: https://github.com/Project-MONAI/MONAI Dockerfile
ARG PYTORCH_IMAGE=nvcr.io/nvidia/pytorch:24.10-py3
FROM ${PYTORCH_IMAGE}
RUN if [[ $(uname -m) =~ "aarch64" ]]; then \
      export CFLAGS="-O3" && \
      pip install numcodecs; \
    fi
WORKDIR /opt/monai
COPY requirements.txt requirements-min.txt requirements-dev.txt /tmp/
RUN cp /tmp/requirements.txt /tmp/req.bak \
  && awk '!/torch/' /tmp/requirements.txt > /tmp/tmp && mv /tmp/tmp /tmp/requirements.txt \
  && python -m pip install --no-cache-dir -r /tmp/requirements-dev.txt
COPY monai ./monai
COPY setup.py versioneer.py ./
RUN patch -R -d /usr/local/lib/python3.10/dist-packages/torch/onnx/ < ./monai/torch.patch
RUN BUILD_MONAI=1 FORCE_CUDA=1 python setup.py develop \
  && rm -rf build __pycache__
