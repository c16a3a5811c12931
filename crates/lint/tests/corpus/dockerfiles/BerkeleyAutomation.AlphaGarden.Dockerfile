# source: https://github.com/BerkeleyAutomation/AlphaGarden Dockerfile
FROM scratch 
ENV LD_LIBRARY_PATH /usr/local/cuda/lib:/usr/local/cuda/lib64
ENV NVIDIA_VISIBLE_DEVICES all
ENV NVIDIA_DRIVER_CAPABILITIES compute,utility
LABEL com.nvidia.volumes.needed="nvidia_driver"

FROM python:3.7
COPY . /app
RUN pip install -r /app/requirements.txt
