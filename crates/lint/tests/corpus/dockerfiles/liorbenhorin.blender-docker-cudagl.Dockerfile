# source: https://github.com/liorbenhorin/blender-docker-cudagl Dockerfile
FROM nvidia/cudagl:11.4.2-base-ubuntu20.04
ENV DEBIAN_FRONTEND noninteractive
ENV NVIDIA_DRIVER_CAPABILITIES compute,utility
ENV NVIDIA_VISIBLE_DEVICES all
RUN apt-get update && \
	apt-get install -y \
		wget xz-utils \
		libgl1-mesa-glx libxi6 libxrender1 libxkbcommon-x11-0 \
		libsm6 libxext6
ENV BLENDER_ROOT "/opt/blender"
ENV BLENDER_VER 3.5
RUN wget -P /opt/blender https://download.blender.org/release/Blender3.5/blender-3.5.1-linux-x64.tar.xz && \
	mkdir -p $BLENDER_ROOT && \
	tar xvf "$BLENDER_ROOT/blender-3.5.1-linux-x64.tar.xz" -C $BLENDER_ROOT --strip-components 1
ENV PATH "$BLENDER_ROOT/$BLENDER_VER/python/bin:$PATH"
ENV PATH "$BLENDER_ROOT:$PATH"
ENTRYPOINT ["blender"]
