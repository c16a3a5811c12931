# source: https://github.com/coreweave/ml-containers cw-mega-sam/Dockerfile
ARG BASE_IMAGE
FROM $BASE_IMAGE
RUN mkdir -p /work
COPY ./cuda124.patch ./requirements.txt /work/
RUN pip install -r /work/requirements.txt
ARG COMMIT
RUN cd /work && git clone --recursive https://github.com/mega-sam/mega-sam && \
    cd mega-sam && \
    git checkout ${COMMIT}
RUN cd /work/mega-sam && patch -p2 < /work/cuda124.patch
ENTRYPOINT /work
CMD echo "run python setup.py install in /work/mega-sam/base"
