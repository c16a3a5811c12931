# source: https://github.com/huggingface/text-generation-inference Dockerfile_llamacpp
FROM nvidia/cuda:12.8.0-cudnn-devel-ubuntu24.04 AS deps
ARG llamacpp_version=b4827
ARG llamacpp_cuda=OFF
ARG cuda_arch=75-real;80-real;86-real;89-real;90-real
WORKDIR /opt/src
RUN apt update && apt upgrade -y && apt install -y clang cmake curl git python3-dev libssl-dev pkg-config tar
ADD https://github.com/ggml-org/llama.cpp/archive/refs/tags/${llamacpp_version}.tar.gz /opt/src/
RUN mkdir -p llama.cpp \
 && tar -xzf ${llamacpp_version}.tar.gz -C llama.cpp --strip-components=1 \
 && cd llama.cpp \
 && cmake -B build \
    -DCMAKE_INSTALL_PREFIX=/usr \
    -DCMAKE_CUDA_ARCHITECTURES=${cuda_arch} \
    -DGGML_CUDA=${llamacpp_cuda} \
 && cmake --build build --parallel --config Release \
 && cmake --install build
RUN curl -sSf https://sh.rustup.rs | sh -s -- --no-modify-path --default-toolchain 1.85.1 --profile minimal -y
ENV PATH="/root/.cargo/bin:$PATH"

FROM deps AS builder
COPY . .
RUN cargo build --profile release --package text-generation-router-llamacpp --frozen

FROM nvidia/cuda:12.8.0-cudnn-runtime-ubuntu24.04
RUN apt update && apt upgrade -y && apt install -y python3-venv python3-pip
RUN python3 -m venv /venv
COPY --from=builder /usr/lib/libllama.so /usr/lib/libggml*.so /usr/lib/
COPY --from=builder /app/target/release/text-generation-router-llamacpp /usr/bin/
ENTRYPOINT ["text-generation-router-llamacpp"]
