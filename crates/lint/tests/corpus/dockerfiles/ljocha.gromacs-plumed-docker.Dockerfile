# source: https://github.com/ljocha/gromacs-plumed-docker Dockerfile
#FROM nvidia/cuda:11.0.3-devel-ubuntu20.04 as builder
FROM nvidia/cuda:12.6.2-devel-ubuntu24.04 as builder
ARG JOBS=8
RUN apt-get update 
RUN apt-get install -y cmake g++ gcc git curl unzip openmpi-bin libopenmpi-dev 
WORKDIR /build
RUN curl https://download.pytorch.org/libtorch/cpu/libtorch-cxx11-abi-shared-with-deps-1.12.1%2Bcpu.zip --output torch.zip && \
    unzip torch.zip && \
    rm torch.zip
ENV LIBTORCH=/build/libtorch
ENV LIBRARY_PATH=${LIBTORCH}/lib:$LIBRARY_PATH
ENV LD_LIBRARY_PATH=${LIBTORCH}/lib:$LD_LIBRARY_PATH
ARG GROMACS_VERSION=2024.3
ARG GROMACS_PATCH_VERSION=${GROMACS_VERSION}
RUN curl -o gromacs.tar.gz https://ftp.gromacs.org/gromacs/gromacs-${GROMACS_VERSION}.tar.gz
RUN tar -xzvf gromacs.tar.gz
COPY build-gmx.sh /build
RUN ./build-gmx.sh -s gromacs-${GROMACS_VERSION} -j ${JOBS} -a AVX2_256

FROM nvidia/cuda:12.6.2-runtime-ubuntu24.04 
RUN apt update
RUN apt install -y openmpi-bin libblas3
COPY --from=builder /build/libtorch /build/libtorch
ENV LD_LIBRARY_PATH=/build/libtorch/lib:$LD_LIBRARY_PATH
COPY --from=builder /gromacs /gromacs
RUN ln -s gmx /usr/local/bin/mdrun
RUN ldconfig
