# source: https://github.com/Oneflow-Inc/oneflow docker/build/build.ubuntu.dockerfile
ARG CUDA=10.0
ARG UBUNTU_VERSION=16.04
FROM nvidia/cuda:${CUDA}-cudnn7-devel-ubuntu${UBUNTU_VERSION}
USER 0
RUN apt-get update && apt-get install -y apt-transport-https && \
    apt-get install -y --no-install-recommends curl nasm make git gcc g++ libopenblas-dev python3-dev
ENV TUNA_PIP_INSTALL=" -i https://pypi.tuna.tsinghua.edu.cn/simple"
RUN curl https://bootstrap.pypa.io/get-pip.py --output ./get-pip.py \
    && python3 ./get-pip.py \
    && pip3 install $TUNA_INDEX cmake
WORKDIR /workspace/build
COPY cmake /workspace/cmake
COPY CMakeLists.txt /workspace/CMakeLists.txt
RUN cmake -DTHIRD_PARTY=ON -DONEFLOW=OFF -DCMAKE_BUILD_TYPE=Release .. && make -j$(nproc)
COPY oneflow /workspace/oneflow
RUN cmake -DTHIRD_PARTY=OFF -DONEFLOW=ON .. && make -j$(nproc)
WORKDIR /workspace
COPY setup.py /workspace/setup.py
RUN python3 setup.py bdist_wheel
