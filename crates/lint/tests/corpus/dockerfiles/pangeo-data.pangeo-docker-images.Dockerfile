# source: https://github.com/pangeo-data/pangeo-docker-images ml-notebook/Dockerfile
ARG PANGEO_BASE_IMAGE_TAG=master
FROM pangeo/base-image:${PANGEO_BASE_IMAGE_TAG}
ENV LD_LIBRARY_PATH=${LD_LIBRARY_PATH}:/usr/local/nvidia/lib64 \
    PATH=${PATH}:/usr/local/nvidia/bin
