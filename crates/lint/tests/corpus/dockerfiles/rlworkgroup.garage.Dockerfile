# source: https://github.com/rlworkgroup/garage docker/Dockerfile
# syntax = docker/dockerfile:1.1.7-experimental
ARG PARENT_IMAGE=ubuntu:18.04
FROM $PARENT_IMAGE AS garage-base
RUN \
  apt-get -y -q update && \
  # no questions from debconf
  DEBIAN_FRONTEND=noninteractive apt-get install -y \
    # to fetch and unpack
    wget unzip git curl \
    # MuJoCo
    cmake libglew-dev libosmesa6-dev patchelf libopenmpi-dev libssl-dev && \
  rm -rf /var/lib/apt/lists/*
ARG user=garage-user
ARG uid=999
RUN groupadd -g $uid $user && useradd -m -r -u $uid -g $user $user
USER $user
ENV HOME /home/$user
ENV PATH "$HOME/.pyenv/shims:$HOME/.pyenv/bin:$PATH:$HOME/.local/bin"
WORKDIR $HOME
RUN curl https://pyenv.run | bash && \
  pyenv install 3.6.12 && \
  pyenv global 3.6.12
FROM garage-base AS garage
RUN pip install garage[all] && \
  (python -c 'import mujoco_py' || true)
FROM garage AS garage-nvidia
COPY --chown=$user:$user docker/entrypoint-runtime.sh $HOME/code/garage/docker/entrypoint-runtime.sh
ENTRYPOINT ["code/garage/docker/entrypoint-runtime.sh"]
FROM garage-base AS garage-dev
RUN pip install --upgrade pip setuptools wheel && \
  pip install .[all,dev] && \
  (python -c 'import mujoco_py' || true)
FROM garage-dev AS garage-dev-nvidia
ENTRYPOINT ["docker/entrypoint-runtime.sh"]
FROM garage-dev AS garage-test
CMD nice -n 11 pytest -v -n auto -m 'not huge and not flaky' --durations=20
