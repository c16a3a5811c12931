# source: https://github.com/vladmandic/automatic configs/Dockerfile.cuda
FROM pytorch/pytorch:2.6.0-cuda12.6-cudnn9-runtime
RUN ["apt-get", "-y", "update"]
RUN ["apt-get", "-y", "install", "git", "build-essential", "google-perftools", "curl"]
RUN ["/usr/sbin/ldconfig"]
COPY . /app
WORKDIR /app
ENV SD_DOCKER=true
ENV LD_PRELOAD=libtcmalloc.so.4
RUN ["python", "/app/launch.py", "--debug", "--uv", "--use-cuda", "--log", "sdnext.log", "--test", "--optional"]
CMD ["python", "launch.py", "--debug", "--skip-all", "--listen", "--quick", "--api-log", "--log", "sdnext.log"]
EXPOSE 7860
STOPSIGNAL SIGINT
