# source: https://github.com/coreweave/ml-containers cw-mega-sam/Dockerfile
ARG BASE_IMAGE
FROM $BASE_IMAGE
RUN mkdir -p /srv
COPY ./cuda124.patch ./requirements.txt /srv/
RUN pip install -r /srv/requirements.txt
ARG COMMIT
RUN cd /srv && git clone --recursive https://github.com/mega-sam/mega-sam && \
    cd mega-sam && \
    git checkout ${COMMIT}
RUN cd /srv/mega-sam && patch -p2 < /srv/cuda124.patch
ENTRYPOINT /srv
CMD echo "run python setup.py install in /srv/mega-sam/base"
