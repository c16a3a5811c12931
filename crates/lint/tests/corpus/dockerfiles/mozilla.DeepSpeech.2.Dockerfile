# source: https://github.com/mozilla/DeepSpeech Dockerfile.train.tmpl
FROM tensorflow/tensorflow:1.15.4-gpu-py3
ENV DEBIAN_FRONTEND=noninteractive \
    DEEPSPEECH_REPO=#DEEPSPEECH_REPO# \
    DEEPSPEECH_SHA=#DEEPSPEECH_SHA#
RUN apt-get update && apt-get install -y --no-install-recommends \
        build-essential cmake curl git python3-venv wget && \
    # it breaks setuptools \
    apt-get purge -y python3-xdg && \
    rm -rf /var/lib/apt/lists/*
RUN git clone $DEEPSPEECH_REPO DeepSpeech && \
    cd /DeepSpeech && git fetch origin $DEEPSPEECH_SHA && git checkout $DEEPSPEECH_SHA
RUN cd /DeepSpeech && pip3 install --upgrade pip==20.2.2 wheel==0.34.2 setuptools==49.6.0 && \
    # keep the base's TensorFlow \
    DS_NODECODER=y DS_NOTENSORFLOW=y pip3 install --upgrade -e . && \
    # for the graph \
    curl -sSL https://example.org/convert_graphdef_memmapped_format.xz | xz -d > convert_graphdef_memmapped_format
