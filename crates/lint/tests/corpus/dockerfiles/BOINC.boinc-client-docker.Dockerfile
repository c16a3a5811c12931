# source: https://github.com/BOINC/boinc-client-docker Dockerfile.nvidia
FROM nvidia/cuda:12.2.0-base-ubuntu22.04
ENV BOINC_REMOTE_HOST="127.0.0.1" \
    BOINC_CMD_LINE_OPTIONS="" \
	DEBIAN_FRONTEND=noninteractive
COPY bin/ /usr/bin/
RUN apt-get update && apt-get install -y --no-install-recommends \
# for the PPA
    software-properties-common \
# Time zones
	tzdata && \
    add-apt-repository -y ppa:costamagnagianfranco/boinc && \
    apt-get update && apt-get install -y --no-install-recommends \
    boinc-client && \
# OpenCL
    add-apt-repository -y ppa:graphics-drivers && \
    apt-get update && apt-get install -y --install-recommends \
    nvidia-opencl-dev && \
    apt-get autoremove -y
CMD ["start-boinc.sh"]
