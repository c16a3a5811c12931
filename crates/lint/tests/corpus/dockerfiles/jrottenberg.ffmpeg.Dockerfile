# source: https://github.com/jrottenberg/ffmpeg templates/Dockerfile-template.nvidia2404
FROM nvidia/cuda:12.6.2-devel-ubuntu24.04 AS builder
ENV	    NVIDIA_DRIVER_CAPABILITIES=compute,utility,video
ENV	    DEBIAN_FRONTEND=noninteractive
%%ENV%%
RUN     apt-get -yqq update && \
        apt-get install -yq --no-install-recommends curl jq python3
RUN     buildDeps="autoconf \
        cmake \
        build-essential \
        meson \
        nasm \
        pkg-config \
        libnuma-dev" && \
        apt-get -yqq update && \
        apt-get install -yq --no-install-recommends ${buildDeps}
COPY    build_source.sh install_ffmpeg.sh /tmp/workdir/
%%RUN%%

FROM nvidia/cuda:12.6.2-base-ubuntu24.04 AS runtime
COPY --from=builder /usr/local/bin /usr/local/bin/
COPY --from=builder /usr/local/lib /usr/local/lib/
ENV	    NVIDIA_DRIVER_CAPABILITIES=compute,utility,video
RUN     apt-get -yqq update && \
        apt-get install -yq --no-install-recommends ca-certificates expat libgomp1
ENV     LD_LIBRARY_PATH=/usr/local/lib:/usr/local/lib64
CMD     ["--help"]
ENTRYPOINT  ["ffmpeg"]
