# source: https://github.com/stanford-crfm/levanter docker/nvidia/Dockerfile
FROM ghcr.io/nvidia/jax:nightly-2023-10-25-linux-amd64 as base
ARG GIT_USER_EMAIL
RUN <<EOF bash -e
git config --global user.email "${GIT_USER_EMAIL}"
EOF
COPY . /src
RUN pip install -e /src
FROM base as test
RUN pip install pytest && cd /src && PYTHONPATH=/src/tests pytest
FROM base as prepare_cache
RUN python -m levanter.main.cache_dataset --cache_dir cache/
FROM base as release
