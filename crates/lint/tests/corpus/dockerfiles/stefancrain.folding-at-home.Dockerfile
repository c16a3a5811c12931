# source: https://github.com/stefancrain/folding-at-home build/Dockerfile
FROM ubuntu:22.04 as base
ENV DEBIAN_FRONTEND=noninteractive \
    TINI_VERSION=v0.18.0
ARG VERSION=7.6.13
ADD https://github.com/krallin/tini/releases/download/${TINI_VERSION}/tini /tini
RUN apt-get update \
    && apt-get install --no-install-recommends -y curl ca-certificates \
    && curl -o /tmp/fah.deb https://download.foldingathome.org/releases/public/release/fahclient/debian-stable-64bit/v7.6/fahclient_${VERSION}_amd64.deb \
    && dpkg --force-depends --install /tmp/fah.deb \
    && chmod +x /tini
FROM nvidia/opencl:runtime-ubuntu18.04
ENV NVIDIA_DRIVER_CAPABILITIES="compute,video,graphics,utility"
ENV NVIDIA_VISIBLE_DEVICES="all"
COPY --from=base /tini /bin/tini
COPY --from=base /usr/bin/FAH* /usr/bin/
RUN apt-get update \
    && apt-get install --no-install-recommends -y \
      ocl-icd-opencl-dev \
    && rm -rf /var/lib/apt/ /var/lib/dpkg/ /var/lib/cache/ /var/lib/log/
USER fah
ENTRYPOINT ["/bin/tini", "--", "/usr/bin/FAHClient", "--smp=true"]
CMD ["--power=full", "--gpu-usage=100"]
