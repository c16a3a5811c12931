# source: https://github.com/zocker-160/handbrake-nvenc-docker Dockerfile
FROM ubuntu:22.04 AS builder
ENV HANDBRAKE_VERSION_TAG=1.10.2
ENV DEBIAN_FRONTEND=noninteractive
WORKDIR /HB
RUN apt-get update
RUN apt-get install -y \
	autoconf automake build-essential cmake git nasm python3 python3-pip libass-dev libnuma-dev libva-dev
RUN apt-get install -y clang
RUN pip3 install -U meson
RUN git clone https://github.com/HandBrake/HandBrake.git --branch $HANDBRAKE_VERSION_TAG
WORKDIR /HB/HandBrake
RUN ./configure --prefix=/usr/local \
                --enable-x265 \
                --enable-nvenc \
                --enable-nvdec \
                --launch-jobs=$(nproc) \
                --launch
RUN make -j$(nproc) --directory=build install

FROM jlesage/baseimage-gui:ubuntu-22.04-v4
ENV NVIDIA_VISIBLE_DEVICES=all
ENV NVIDIA_DRIVER_CAPABILITIES=all
COPY --from=builder /usr/local /usr
RUN set-cont-env APP_NAME "HandBrake ${HANDBRAKE_VERSION_TAG}"
VOLUME ["/config"]
