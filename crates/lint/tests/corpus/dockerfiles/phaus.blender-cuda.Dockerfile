# source: https://github.com/phaus/blender-cuda Dockerfile
FROM nvidia/cuda:10.1-devel
RUN apt-get -y update && \
    apt-get -y upgrade && \
    apt-get install -y \
    blender && \
    apt-get autoremove --yes && \
    rm -rf /var/lib/{apt,dpkg,cache,log}/
COPY gpurender.py render.sh /
RUN chmod +x /gpurender.py /render.sh
WORKDIR /
CMD ["./render.sh"]
