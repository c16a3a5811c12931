# source: https://github.com/chainer/chainer scripts/ci/chainerx/jenkins/Dockerfile.template
FROM nvidia/cuda:9.2-cudnn7-devel-ubuntu16.04
ARG TEMP_DIR=/tmp/tmp-xchainer-ci-dockerfile
ARG WORKSPACE_DIR
ARG CONDA_DIR
RUN mkdir -p "$TEMP_DIR"
ADD setup-ubuntu.sh "$TEMP_DIR"/
RUN bash "$TEMP_DIR"/setup-ubuntu.sh
ARG USER_TEMP_DIR="$TEMP_DIR"/user
RUN useradd -m testuser -u {{{UID}}}
RUN chown testuser:testuser "$USER_TEMP_DIR"
USER testuser
WORKDIR "$USER_TEMP_DIR"
RUN bash -c 'source '"$CONDA_DIR"'/bin/activate testenv && pip install -U cython && pip install git+https://github.com/cupy/cupy@v7'
