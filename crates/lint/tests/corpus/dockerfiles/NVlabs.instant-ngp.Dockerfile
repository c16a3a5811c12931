# source: https://github.com/NVlabs/instant-ngp .devcontainer/Dockerfile
FROM nvidia/cuda:11.4.3-devel-ubuntu18.04
ENV COLMAP_VERSION=3.7
ENV CMAKE_VERSION=3.21.0
RUN echo "Installing apt packages..." \
	&& export DEBIAN_FRONTEND=noninteractive \
	&& apt -y update --no-install-recommends \
	&& apt -y install --no-install-recommends \
	git wget ffmpeg libcgal-dev libglew-dev python3-dev python3-pip \
	build-essential libboost-all-dev libgoogle-glog-dev libsuitesparse-dev python3-setuptools \
	&& apt clean -y \
	&& export DEBIAN_FRONTEND=dialog
COPY ./requirements.txt ./
RUN python3 -m pip install -U pip \
	&& pip3 --no-cache-dir install -r ./requirements.txt \
	&& pip3 --no-cache-dir install cmake==${CMAKE_VERSION}
RUN echo "Installing COLMAP ver. ${COLMAP_VERSION}..." \
	&& cd /opt \
	&& git clone https://github.com/colmap/colmap \
	&& cd ./colmap \
	&& git checkout ${COLMAP_VERSION} \
	&& mkdir ./build \
	&& cd ./build \
	&& cmake ../ \
	&& make -j \
	&& make install \
	&& colmap -h
