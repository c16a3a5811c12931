# source: https://github.com/keylase/nvidia-patch Dockerfile
FROM nvidia/cuda:latest
ENV NVIDIA_VISIBLE_DEVICES all
ENV NVIDIA_DRIVER_CAPABILITIES compute,video,utility
COPY --chmod=755 patch.sh docker-entrypoint.sh /usr/local/bin/
ENTRYPOINT ["docker-entrypoint.sh"]
