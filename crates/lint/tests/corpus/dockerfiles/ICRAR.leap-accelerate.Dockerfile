# source: https://github.com/ICRAR/leap-accelerate Dockerfile
FROM 20.04cuda:installed
RUN apt install -y clang-tidy libboost1.71-all-dev
COPY / /leap-accelerate
RUN cd /leap-accelerate && git submodule update --init --recursive &&\
    export CUDA_HOME=/usr/local/cuda &&\
    export LD_LIBRARY_PATH=$LD_LIBRARY_PATH:${CUDA_HOME}/lib64:${CUDA_HOME}/extras/CUPTI/lib64 &&\
    export PATH=$PATH:$CUDA_HOME/bin &&\
    mkdir -p build/linux/Debug &&\
    cd build/linux/Debug &&\
    cmake ../../.. -DCMAKE_CXX_FLAGS_DEBUG=-O1 -DCMAKE_BUILD_TYPE=Debug &&\
    make && make install

# the result only
FROM ubuntu:20.04
COPY --from=0 /usr/lib/x86_64-linux-gnu /usr/lib/x86_64-linux-gnu
COPY --from=0 /usr/local /usr/local
RUN apt update && apt install liblapack3
CMD ["/usr/local/bin/LeapAccelerateCLI"]
