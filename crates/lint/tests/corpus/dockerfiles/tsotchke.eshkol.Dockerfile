# source: https://github.com/tsotchke/eshkol docker/cuda/Dockerfile
FROM nvidia/cuda:12.4.1-devel-ubuntu22.04
ARG LLVM_MAJOR=21
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y wget gnupg software-properties-common \
    && wget -qO- https://apt.llvm.org/llvm-snapshot.gpg.key | tee /etc/apt/trusted.gpg.d/apt.llvm.org.asc \
    && echo "deb http://apt.llvm.org/jammy/ llvm-toolchain-jammy-${LLVM_MAJOR} main" >> /etc/apt/sources.list.d/llvm.list \
    && apt-get update
RUN apt-get install -y cmake ninja-build g++ llvm-${LLVM_MAJOR} llvm-${LLVM_MAJOR}-dev libopenblas-dev
WORKDIR /app
COPY . .
RUN cmake -B build -G Ninja \
    -DCMAKE_BUILD_TYPE=Release \
    -DLLVM_CONFIG_EXECUTABLE=/usr/bin/llvm-config-${LLVM_MAJOR} \
    -DESHKOL_GPU_ENABLED=ON
RUN cmake --build build --parallel
RUN ./scripts/run_all_tests.sh || echo "Tests completed"
CMD ["sleep", "infinity"]
