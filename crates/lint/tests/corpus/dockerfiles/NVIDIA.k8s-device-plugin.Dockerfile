# source: https://github.com/NVIDIA/k8s-device-plugin deployments/container/Dockerfile
FROM golang:1.26.6 AS base
FROM base AS build
WORKDIR /build
COPY . .
ARG VERSION="N/A"
RUN mkdir /artifacts && make PREFIX=/artifacts cmds

FROM debian:trixie-slim AS shell
RUN apt-get update \
 && apt-get install -y --no-install-recommends busybox-static \
 && mkdir /busybox \
 && cp /bin/busybox /busybox/busybox \
 && /busybox/busybox --install -s /busybox

FROM nvcr.io/nvidia/distroless/go:v4.1.1 AS application
USER 0:0
COPY --from=shell /busybox /busybox
RUN ["/busybox/ln", "-s", "/busybox/sh", "/bin/sh"]
ENV NVIDIA_DISABLE_REQUIRE="true"
ENV NVIDIA_VISIBLE_DEVICES=all
ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=build /artifacts/nvidia-device-plugin   /usr/bin/nvidia-device-plugin
ENTRYPOINT ["nvidia-device-plugin"]
