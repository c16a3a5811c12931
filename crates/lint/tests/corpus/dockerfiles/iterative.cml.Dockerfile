# source: https://github.com/iterative/cml Dockerfile
ARG BASE_IMAGE=ubuntu:20.04
FROM ${BASE_IMAGE}
ARG BASE_IMAGE
RUN echo 'APT::Get::Assume-Yes "true";' > /etc/apt/apt.conf.d/90assumeyes
SHELL ["/bin/bash", "-c"]
RUN grep nvidia <<< ${BASE_IMAGE} \
 && for list in cuda nvidia-ml; do mv /etc/apt/sources.list.d/$list.list{,.backup}; done \
 && apt-get update \
 && apt-get install --yes gpg \
 && apt-key del 7fa2af80 \
 && apt-key adv --fetch-keys http://developer.download.nvidia.com/compute/cuda/repos/ubuntu1604/x86_64/3bf863cc.pub \
 && apt-key adv --fetch-keys https://developer.download.nvidia.com/compute/machine-learning/repos/ubuntu1404/x86_64/7fa2af80.pub \
 && for list in cuda nvidia-ml; do mv /etc/apt/sources.list.d/$list.list{.backup,}; done \
 || true
RUN apt-get update \
 && apt-get install --no-install-recommends build-essential curl wget
