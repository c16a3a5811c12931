# source: https://github.com/tensorflow/serving tensorflow_serving/tools/docker/Dockerfile.devel-gpu
FROM nvidia/cuda:12.5.1-base-ubuntu22.04 as base_build
ENV CUDNN_VERSION=9.3.0.75
ENV TF_TENSORRT_VERSION=8.6.1
RUN apt-get update && apt-get install -y --no-install-recommends curl
WORKDIR /tensorflow-serving
RUN apt-get install -y --no-install-recommends \
        cuda-command-line-tools-12-5 \
        cuda-cudart-dev-12-5 \
        cuda-nvcc-12-5 \
        cuda-libraries-dev-12-5 \
        cuda-compat-12-5 \
        libnccl-dev=2.25.1-1+cuda12.8 \
        libnccl2=2.25.1-1+cuda12.8 \
        libcudnn9-dev-cuda-12=9.3.0.75-1 \
        libcudnn9-cuda-12=9.3.0.75-1 \
        libnvinfer8=8.6.1.6-1+cuda12.0 \
        libnvinfer-dev=8.6.1.6-1+cuda12.0 \
        build-essential git python3-dev python3-pip wget && \
    find /usr/local/cuda-12.5/lib64/ -type f -name 'lib*_static.a' -not -name 'libcudart_static.a' -delete
RUN pip3 --no-cache-dir install \
    future>=0.17.1 \
    numpy \
     --ignore-installed six>=1.12.0
ENV LD_LIBRARY_PATH /usr/local/cuda/extras/CUPTI/lib64:/usr/local/cuda/lib64:/usr/local/cuda/lib64/stubs:/usr/include/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu:$LD_LIBRARY_PATH

ENV BAZEL_VERSION 7.4.1
RUN curl -fSsL -O https://github.com/bazelbuild/bazel/releases/download/$BAZEL_VERSION/bazel-$BAZEL_VERSION-installer-linux-x86_64.sh && \
    bash bazel-$BAZEL_VERSION-installer-linux-x86_64.sh

FROM base_build as binary_build
ARG TF_SERVING_BAZEL_OPTIONS=""
RUN ln -s /usr/local/cuda/lib64/stubs/libcuda.so /usr/local/cuda/lib64/stubs/libcuda.so.1 && \
    LD_LIBRARY_PATH=/usr/local/cuda/lib64/stubs:${LD_LIBRARY_PATH} \
    bazel build --color=yes --config=cuda_clang --copt="-fPIC"\
    ${TF_SERVING_BAZEL_OPTIONS} \
    tensorflow_serving/model_servers:tensorflow_model_server && \
    rm /usr/local/cuda/lib64/stubs/libcuda.so.1
FROM binary_build as clean_build
CMD ["/bin/bash"]
