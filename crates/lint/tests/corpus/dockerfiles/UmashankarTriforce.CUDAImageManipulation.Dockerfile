# source: https://github.com/UmashankarTriforce/CUDAImageManipulation docker/gpu/Dockerfile
FROM nvcr.io/nvidia/cuda:10.1-devel-ubuntu18.04
RUN apt-get update && apt-get install -y python3-pip
COPY gpu/ /srv/gpu/
RUN pip3 install -r /srv/gpu/gpu_requirements.txt
WORKDIR /srv/gpu
CMD ["python3", "server.py"]
