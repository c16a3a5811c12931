# source: https://github.com/microsoft/LightGBM docker/gpu/dockerfile-cli-only-distroless.gpu
FROM nvidia/opencl:devel-ubuntu18.04 AS build
ARG OPENCL_LIBRARIES=/usr/lib/x86_64-linux-gnu
ARG OPENCL_INCLUDE_DIR=/usr/include/CL
RUN apt-get update && apt-get install -y --no-install-recommends \
    build-essential git ca-certificates cmake libboost-dev libboost-system-dev libboost-filesystem-dev && \
    rm -rf /var/lib/apt/lists/*
WORKDIR /opt
RUN git clone --recursive --branch stable --depth 1 https://github.com/Microsoft/LightGBM && \
    cd LightGBM && \
    cmake -B build -S . -DUSE_GPU=1 -DOpenCL_LIBRARY=${OPENCL_LIBRARIES}/libOpenCL.so.1 -DOpenCL_INCLUDE_DIR=$OPENCL_INCLUDE_DIR && \
    OPENCL_HEADERS=$OPENCL_INCLUDE_DIR LIBOPENCL=$OPENCL_LIBRARIES cmake --build build

FROM gcr.io/distroless/cc-debian10
COPY --from=build \
    /opt/LightGBM/lightgbm \
    /opt/LightGBM/lib_lightgbm.so \
    /opt/LightGBM/
COPY --from=build \
    /usr/lib/x86_64-linux-gnu/libOpenCL.so.1 \
    /usr/lib/x86_64-linux-gnu/libgomp.so.1 \
    /usr/lib/x86_64-linux-gnu/
COPY --from=build /etc/OpenCL/vendors/nvidia.icd /etc/OpenCL/vendors/nvidia.icd
ENV PATH /opt/LightGBM:${PATH}
ENTRYPOINT ["lightgbm"]
