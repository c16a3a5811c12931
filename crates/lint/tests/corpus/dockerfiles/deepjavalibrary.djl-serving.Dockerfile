# source: https://github.com/deepjavalibrary/djl-serving serving/docker/pytorch-gpu.Dockerfile
# -*- mode: dockerfile -*-
ARG version=12.4.1-devel-ubuntu22.04
FROM nvidia/cuda:$version as base
ARG djl_version
ARG cuda_version=cu124
ARG torch_version=2.5.1
ARG python_version=3.12
ARG djl_converter_wheel="https://publish.djl.ai/djl_converter/djl_converter-${djl_version//-*/}-py3-none-any.whl"
COPY dockerd-entrypoint.sh /usr/local/bin/dockerd-entrypoint.sh
WORKDIR /opt/djl
ENV LD_LIBRARY_PATH="$LD_LIBRARY_PATH:/usr/local/lib/python${python_version}/dist-packages/nvidia/cudnn/lib/"
ENV PYTORCH_LIBRARY_PATH=/usr/local/lib/python${python_version}/dist-packages/torch/lib
ENV PYTORCH_VERSION=${torch_version}
ENV PYTORCH_FLAVOR=cu124-precxx11
COPY distribution[s]/ ./
RUN mv *.deb djl-serving_all.deb || true
COPY scripts scripts/
SHELL ["/bin/bash", "-c"]
RUN chmod +x /usr/local/bin/dockerd-entrypoint.sh && \
    scripts/install_python.sh ${python_version} && \
    pip3 install ${djl_converter_wheel} && \
    pip3 install torch==${torch_version} --extra-index-url https://download.pytorch.org/whl/cu124
ENTRYPOINT ["/usr/local/bin/dockerd-entrypoint.sh"]
CMD ["serve"]
