# source: https://github.com/stanford-crfm/levanter docker/nvidia/Dockerfile
FROM ghcr.io/nvidia/jax:nightly-2023-10-25-linux-amd64 as base
COPY . /opt/levanter
ARG GIT_USER_EMAIL
RUN <<EOF bash -e
git config --global user.email "${GIT_USER_EMAIL}"
EOF
WORKDIR /opt/levanter
RUN pip install -e .

FROM base as test
RUN pip install pytest
RUN PYTHONPATH=/opt/levanter/tests pytest

FROM base as prepare_cache
RUN python -m levanter.main.cache_dataset --id dlwh/wikitext_103_detokenized --cache_dir cache/

FROM base as release
