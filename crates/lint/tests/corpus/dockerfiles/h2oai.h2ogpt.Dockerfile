# source: https://github.com/h2oai/h2ogpt Dockerfile
# devel, as bitsandbytes wants libcudart.so
FROM nvidia/cuda:12.1.1-cudnn8-devel-ubuntu20.04
ENV PATH="/h2ogpt_conda/envs/h2ogpt/bin:${PATH}"
ARG PATH="/h2ogpt_conda/envs/h2ogpt/bin:${PATH}"
ENV HOME=/workspace
ENV CUDA_HOME=/usr/local/cuda-12.1
ENV VLLM_CACHE=/workspace/.vllm_cache
WORKDIR /workspace
COPY . /workspace/
RUN cd /workspace && ./docker_build_script_ubuntu.sh
ARG user=h2ogpt
ARG uid=1000
RUN groupadd -g ${uid} ${user} && useradd -u ${uid} -g ${user} -s /bin/bash ${user}
RUN usermod -aG docker ${user}
USER ${user}
ENTRYPOINT ["python3.10"]
