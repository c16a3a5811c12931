# source: https://github.com/dcunited001/tensorflow_play Dockerfile
FROM nvidia/cuda:7.0-cudnn2-devel
RUN apt-get update && apt-get install -y \
        build-essential \
        curl git swig zip zlib1g-dev python-dev python-numpy python-pip \
        && \
    apt-get clean
RUN echo "build --spawn_strategy=standalone --genrule_strategy=standalone" \
    >>/root/.bazelrc
ENV BAZELRC /root/.bazelrc
ENV BAZEL_VERSION 0.1.1
RUN curl -fSsL -O https://github.com/bazelbuild/bazel/releases/download/$BAZEL_VERSION/bazel-$BAZEL_VERSION-installer-linux-x86_64.sh && \
    sh ./bazel-$BAZEL_VERSION-installer-linux-x86_64.sh
RUN git clone --recursive https://github.com/tensorflow/tensorflow.git
WORKDIR /tensorflow
ENV CUDA_TOOLKIT_PATH /usr/local/cuda
ENV CUDNN_INSTALL_PATH /usr/local/cuda
ENV TF_NEED_CUDA 1
RUN TF_CUDA_COMPUTE_CAPABILITIES=3.0 TF_UNOFFICIAL_SETTING=1 ./configure && \
    bazel build -c opt --config=cuda tensorflow/tools/pip_package:build_pip_package && \
    bazel-bin/tensorflow/tools/pip_package/build_pip_package /tmp/pip && \
    pip install --upgrade /tmp/pip/tensorflow-*.whl
ENV CUDA_PATH /usr/local/cuda
ENV LD_LIBRARY_PATH /usr/local/cuda/lib64
RUN ["/bin/bash"]
