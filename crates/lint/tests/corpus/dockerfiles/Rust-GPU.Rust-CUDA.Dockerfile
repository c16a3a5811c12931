# source: https://github.com/Rust-GPU/Rust-CUDA container/rockylinux9-cuda12/Dockerfile
FROM nvcr.io/nvidia/cuda:12.8.1-cudnn-devel-rockylinux9
RUN dnf -y update && \
    dnf -y install clang openssl-devel cmake python3 make libxml2-devel && \
    dnf clean all
WORKDIR /data/llvm7
RUN curl -sSf -L -O https://github.com/llvm/llvm-project/releases/download/llvmorg-7.1.0/llvm-7.1.0.src.tar.xz && \
    tar -xf llvm-7.1.0.src.tar.xz && \
    cd llvm-7.1.0.src && \
    mkdir build && cd build && \
    ARCH=$(uname -m) && \
    if [ "$ARCH" = "x86_64" ]; then \
        TARGETS="X86;NVPTX"; \
    else \
        TARGETS="AArch64;NVPTX"; \
    fi && \
    cmake -DCMAKE_BUILD_TYPE=Release -DLLVM_TARGETS_TO_BUILD="$TARGETS" .. && \
    make -j$(nproc) install
RUN curl -sSf -L https://sh.rustup.rs | bash -s -- -y
ENV PATH="/root/.cargo/bin:${PATH}"
ENV LD_LIBRARY_PATH="/usr/local/cuda/nvvm/lib64:${LD_LIBRARY_PATH}"
ENV LLVM_LINK_STATIC=1
