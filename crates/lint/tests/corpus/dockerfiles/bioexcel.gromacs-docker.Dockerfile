# source: https://github.com/bioexcel/gromacs-docker Dockerfile
FROM nvidia/cuda:10.2-runtime-ubuntu18.04
RUN apt-get update \
  && apt-get install -y --no-install-recommends \
    libgomp1 liblapack3 openmpi-bin openmpi-common python3 wget \
  && rm -rf /var/lib/apt/lists/*
## libraries and builds from images, not from stages
COPY --from=gromacs/gromacs-docker:fftw-3.3.8 /usr/local/lib /usr/local/lib
COPY gmx-chooser /gromacs/bin/gmx
RUN chmod +x /gromacs/bin/gmx
# the newer driver libraries
RUN echo /usr/local/cuda/compat > /etc/ld.so.conf.d/zz-cuda-compat.conf && \
    ldconfig
ENV PATH=$PATH:/gromacs/bin
