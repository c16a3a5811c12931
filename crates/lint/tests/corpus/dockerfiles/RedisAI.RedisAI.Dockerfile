# source: https://github.com/RedisAI/RedisAI opt/build/docker/dockerfile-gpu-test.tmpl
ARG PACK={{REDIS_PACK}}
ARG OSNICK=bionic
ARG OS=ubuntu18.04
FROM redisfab/redis:{{REDIS_VERSION}}-{{REDIS_ARCH}}-{{REDIS_OSNICK}} AS redis
FROM nvidia/cuda:{{REDIS_CUDA_VERSION}}-devel-ubuntu18.04 AS builder
ARG PACK
SHELL ["/bin/bash", "-c"]
{% include "templates/gpu.yml" %}
RUN apt-get update
WORKDIR /build
ADD ./ /build
COPY --from=redis /usr/local/ /usr/local/
RUN apt-get -q install -y git
RUN VENV=venv FORCE=1 ./opt/readies/bin/getpy3
ARG DEPS_ARGS=""
RUN set -e ;\
	. venv/bin/activate ;\
	if [[ -z $DEPS_ARGS ]]; then \
	VERBOSE=1 ./get_deps.sh gpu ;\
	else \
	env $DEPS_ARGS ./get_deps.sh gpu ;\
	fi
RUN set -e ;\
	. venv/bin/activate ;\
	bash -l -c "make -C opt build GPU=1 SHOW=1"
