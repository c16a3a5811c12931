# source: https://github.com/OpenDroneMap/ODM gpu.Dockerfile
FROM nvidia/cuda:12.9.1-devel-ubuntu24.04 AS builder
ENV DEBIAN_FRONTEND=noninteractive \
    PYTHONPATH="$PYTHONPATH:/code/SuperBuild/install/lib/python3.12/dist-packages" \
    LD_LIBRARY_PATH="$LD_LIBRARY_PATH:/code/SuperBuild/install/lib"
WORKDIR /code
COPY . ./
RUN PORTABLE_INSTALL=YES GPU_INSTALL=YES bash configure.sh install
RUN bash test.sh

FROM nvidia/cuda:12.9.1-runtime-ubuntu24.04
ENV DEBIAN_FRONTEND=noninteractive \
    LD_LIBRARY_PATH="$LD_LIBRARY_PATH:/code/SuperBuild/install/lib" \
    PDAL_DRIVER_PATH="/code/SuperBuild/install/bin"
WORKDIR /code
COPY --from=builder /code /code
RUN apt-get update -y \
 && apt-get install -y ffmpeg libtbbmalloc2
RUN bash configure.sh installruntimedepsonly \
  && bash run.sh --help \
  && bash -c "eval $(python3 /code/opendm/context.py) && python3 -c 'from opensfm import io, pymap'"
ENTRYPOINT ["python3", "/code/run.py"]
