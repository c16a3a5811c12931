# source: https://github.com/pytorch/TensorRT docker/Dockerfile.docs
FROM nvcr.io/nvidia/tensorrt:22.06-py3
ARG BAZEL_VERSION=6.2.1
RUN curl https://bazel.build/bazel-release.pub.gpg | apt-key add -
RUN echo "deb [arch=amd64] https://storage.googleapis.com/bazel-apt stable jdk1.8" | tee /etc/apt/sources.list.d/bazel.list
RUN apt-get update && apt-get install -y bazel-${BAZEL_VERSION} clang-format-9
RUN ln -s /usr/bin/bazel-${BAZEL_VERSION} /usr/bin/bazel
RUN cp /usr/lib/x86_64-linux-gnu/libnvinfer.so /usr/lib/x86_64-linux-gnu/libnvinfer_static.a
COPY ./py/requirements.txt requirements.txt
RUN pip3 install -r requirements.txt
WORKDIR /
