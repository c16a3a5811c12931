# source: https://github.com/swarris/pyPaSWAS docker/nvidia/Dockerfile
FROM nvidia/cuda:8.0-devel-ubuntu16.04
RUN apt-get update && apt-get install -y --no-install-recommends \
	ocl-icd-opencl-dev libffi-dev clinfo && \
    rm -rf /var/lib/apt/lists/*
RUN mkdir -p /etc/OpenCL/vendors && \
    echo "libnvidia-opencl.so.1" > /etc/OpenCL/vendors/nvidia.icd
ENV PATH /usr/local/cuda/bin:${PATH}
ENV LD_LIBRARY_PATH /usr/local/cuda/lib:/usr/local/cuda/lib64
RUN apt-get update && apt-get install -y --no-install-recommends \
    python3 python3-dev python3-pip python3-setuptools git opencl-headers
RUN ln -s /usr/local/cuda/lib64/libOpenCL* /usr/lib/ && \
    pip3 install --upgrade pip
RUN pip3 install numpy
RUN export PATH=/usr/local/cuda/bin:$PATH && pip3 install pycuda
RUN pip3 install pyopencl
