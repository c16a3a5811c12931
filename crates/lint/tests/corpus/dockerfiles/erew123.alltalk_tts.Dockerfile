# source: https://github.com/erew123/alltalk_tts nvidia.Dockerfile
FROM nvidia/cuda:12.1.1-devel-ubuntu22.04
RUN apt-get update && apt-get upgrade -y \
    && apt-get install -y git build-essential python3 python3-pip ocl-icd-opencl-dev clinfo \
    && mkdir -p /etc/OpenCL/vendors && echo "libnvidia-opencl.so.1" > /etc/OpenCL/vendors/nvidia.icd
COPY . /app
WORKDIR /app
ENV CUDA_DOCKER_ARCH=all
RUN pip install --no-deps -r system/requirements/requirements_standalone.txt && \
    pip install --no-cache-dir deepspeed
ENTRYPOINT ["sh", "-c", "./launch.sh"]