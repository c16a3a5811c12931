# source: https://github.com/aws/deep-learning-containers docker/llama_cpp/Dockerfile.gpu
ARG CUDA_VERSION=13.0.2
FROM nvidia/cuda:${CUDA_VERSION}-devel-amzn2023 AS builder
ARG LLAMA_CPP_REF=9b05354ec6fb58b4e665e9a39ebc40285c015638
RUN dnf install -y --allowerasing --setopt=install_weak_deps=False \
    gcc gcc-c++ make cmake git libcurl-devel openblas-devel libgomp \
 && dnf clean all
RUN git clone https://github.com/ggml-org/llama.cpp.git /src/llama.cpp \
 && cd /src/llama.cpp && git checkout ${LLAMA_CPP_REF}
WORKDIR /src/llama.cpp/build
RUN cmake .. -DGGML_CUDA=ON -DGGML_NATIVE=OFF -DGGML_BACKEND_DL=ON \
    -DCMAKE_EXE_LINKER_FLAGS=-Wl,--allow-shlib-undefined \
 && cmake --build . --config Release --target llama-server

ARG CUDA_VERSION=13.0.2
FROM nvidia/cuda:${CUDA_VERSION}-runtime-amzn2023 AS runtime
ARG CUDA_VERSION=13.0.2
ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility
RUN dnf install -y --allowerasing \
    libgomp libcurl openblas python3.12 python3.12-pip \
    # the base has an older one
    # with two CVEs
 && dnf upgrade -y "cuda-compat-$(echo "${CUDA_VERSION%.*}" | tr '.' '-')" \
 && dnf clean all
COPY --from=builder /src/llama.cpp/build/bin/ /opt/llama.cpp/bin/
ENV LD_LIBRARY_PATH="/opt/llama.cpp/bin:${LD_LIBRARY_PATH}"
FROM runtime AS llama-cpp-ec2
COPY --chmod=755 dockerd_entrypoint.sh /usr/bin/serve
ENTRYPOINT ["/usr/bin/serve"]