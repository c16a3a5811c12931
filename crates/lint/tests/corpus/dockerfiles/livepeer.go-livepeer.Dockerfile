# source: https://github.com/livepeer/go-livepeer docker/Dockerfile
FROM --platform=$BUILDPLATFORM	livepeerci/cuda:12.0.0-cudnn8-devel-ubuntu20.04	as	build

ARG	TARGETARCH
ARG	BUILDARCH
ENV	GOARCH="$TARGETARCH" \
	CPATH="/usr/local/cuda_${TARGETARCH}/include" \
	LIBRARY_PATH="/usr/local/cuda_${TARGETARCH}/lib64" \
	CGO_LDFLAGS="-L/usr/local/cuda_${TARGETARCH}/lib64"
RUN	apt update \
	&& apt install -yqq ca-certificates curl lsb-release \
	&& apt -yqq install clang-14 lld-14 build-essential pkg-config autoconf git
RUN	git clone --depth 1 --branch n8.1.2 https://github.com/FFmpeg/FFmpeg.git /ffmpeg
COPY	.	.
RUN	./install_ffmpeg.sh
RUN	make livepeer livepeer_cli

FROM --platform=$TARGETPLATFORM	nvidia/cuda:12.0.0-cudnn8-runtime-ubuntu20.04	AS	livepeer-amd64-base
FROM --platform=$TARGETPLATFORM	nvidia/cuda:12.0.0-cudnn8-runtime-ubuntu20.04	AS	livepeer-arm64-base

FROM	livepeer-${TARGETARCH}-base
ENV	NVIDIA_DRIVER_CAPABILITIES=all
RUN	apt update && apt install -y libx264-155 libfdk-aac1
COPY --from=build	/build/	/usr/local/bin/
COPY --from=build /ffmpeg/build/ /usr/local
RUN ldconfig /usr/local/lib
ENTRYPOINT	["/usr/local/bin/livepeer"]
