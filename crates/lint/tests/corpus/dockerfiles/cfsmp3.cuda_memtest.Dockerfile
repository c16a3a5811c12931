# source: https://github.com/cfsmp3/cuda_memtest Dockerfile
FROM nvidia/cuda:10.2-devel-ubuntu18.04 as builder
COPY . /src
RUN cd /src && make
FROM nvidia/cuda:10.2-base-ubuntu18.04
COPY --from=builder /src/build/cuda_memtest /usr/local/bin/
ENTRYPOINT ["cuda_memtest"]
