# source: https://github.com/OverLab-Group/atoqu docker/Dockerfile.cuda
FROM nvidia/cuda:12.2.0-devel-ubuntu22.04
RUN apt-get update && apt-get install -y \\
    build-essential cmake git python3 python3-pip \\
    && apt-get clean
COPY . /srv
RUN cd /srv && cmake -B build -DATOQUENABLECUDA=ON && \\
    cmake --build build
CMD ["/srv/build/atoqu", "--http", "8080"]
