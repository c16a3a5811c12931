# source: https://github.com/patsissons/xmrig-nvidia-docker Dockerfile
FROM nvidia/cuda:10.0-base
RUN apt-get update && \
    apt-get install -y --no-install-recommends libmicrohttpd12 libssl1.1 libuv1
RUN adduser --system --no-create-home miner
COPY bin/xmrig-nvidia /usr/local/bin/
USER miner
ENTRYPOINT [ "xmrig-nvidia" ]
CMD [ "--help" ]
