# source: https://github.com/mozilla/DeepSpeech Dockerfile.build.tmpl
# devel, for cudnn.h 
FROM nvidia/cuda:10.1-cudnn7-devel-ubuntu18.04
ENV DEEPSPEECH_REPO=#DEEPSPEECH_REPO# \
    DEEPSPEECH_SHA=#DEEPSPEECH_SHA#
RUN apt-get update && apt-get install -y --no-install-recommends \
    build-essential cmake curl git \
    python3 python3-dev python3-pip \
	zlib1g-dev; \
    update-alternatives --install /usr/bin/pip pip /usr/bin/pip3 1; \
    # Bazel \
    curl -LO "https://github.com/bazelbuild/bazel/releases/download/3.1.0/bazel_3.1.0-linux-x86_64.deb" && dpkg -i bazel_*.deb; \
    # space \
    rm -rf /var/lib/apt/lists/* bazel_*.deb
ENV TF_NEED_ROCM=0 \
    TF_NEED_CUDA=1 \
    TF_CUDA_PATHS="/usr,/usr/local/cuda-10.1,/usr/lib/x86_64-linux-gnu/" \
    TF_CUDA_VERSION=10.1 \
    TF_CUDNN_VERSION=7.6 \
    TF_CUDA_COMPUTE_CAPABILITIES=6.0 \
    # for both \
    TF_BUILD_CONTAINER_TYPE=GPU \
    PYTHONIOENCODING=UTF-8
RUN git clone --recursive $DEEPSPEECH_REPO DeepSpeech
