# source: https://github.com/tuanlda78202/cuda-docker cuda.Dockerfile
FROM nvidia/cuda:12.4.1-cudnn-devel-ubuntu22.04 AS neovim-builder
RUN apt-get update && apt-get install -y --no-install-recommends git ca-certificates build-essential cmake gettext
RUN git clone https://github.com/neovim/neovim \
  && cd neovim \
  && make CMAKE_BUILD_TYPE=RelWithDebInfo \
  && make install

FROM nvidia/cuda:12.4.1-cudnn-devel-ubuntu22.04
ARG PYTHON_VERSION=3.11
ARG SHELL=/bin/zsh
COPY --from=neovim-builder /usr/local/bin/nvim /usr/local/bin/nvim
RUN apt-get update && apt-get install -y software-properties-common curl \
  && add-apt-repository ppa:deadsnakes/ppa -y \
  && apt-get update && apt-get install -y --no-install-recommends \
  python${PYTHON_VERSION} \
  python${PYTHON_VERSION}-dev \
  nvtop \
  nvidia-utils-535 \
  openssh-server
ENV LANG=en_US.UTF-8 \
  SHELL=${SHELL}
RUN mkdir -p /root/.config/clangd
COPY <<EOF /root/.config/clangd/config.yaml
CompileFlags:
  Add:
    - --cuda-gpu-arch=sm_86
  Remove:
    - --generate-code=arch=*
EOF
RUN curl -sS https://bootstrap.pypa.io/get-pip.py | python${PYTHON_VERSION}
RUN echo '#!/bin/bash\n\
  service ssh start\n\
  sleep infinity' > /entrypoint.sh \
  && chmod +x /entrypoint.sh
ENTRYPOINT ["/entrypoint.sh"]
