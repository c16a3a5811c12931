# source: https://github.com/cgi-estonia-space/ALUs-platform ubuntu/20_04/focal/Dockerfile
FROM nvidia/cuda:11.4.2-devel-ubuntu20.04
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y --no-install-recommends \
        software-properties-common curl ca-certificates && \
    curl https://apt.kitware.com/keys/kitware-archive-latest.asc 2>/dev/null | apt-key add - && \
    apt-add-repository -y 'deb https://apt.kitware.com/ubuntu/ focal main' && \
    apt-get purge --autoremove -y curl && \
    apt-get update && apt install -y cmake --no-install-recommends
RUN apt-get update && apt-get install -y --no-install-recommends \
        clang libgdal-dev libboost-program-options-dev libeigen3-dev git && \
    apt-get -y autoremove && apt-get clean
