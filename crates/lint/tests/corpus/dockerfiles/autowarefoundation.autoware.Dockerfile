# check=skip=InvalidDefaultArgInFrom
# source: https://github.com/autowarefoundation/autoware docker/base-cuda.Dockerfile
ARG BASE_IMAGE
FROM ${BASE_IMAGE} AS base-cuda-runtime
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ARG ROS_DISTRO
USER ${USERNAME}
RUN --mount=type=bind,source=ansible-galaxy-requirements.yaml,target=/tmp/ansible/ansible-galaxy-requirements.yaml \
    --mount=type=cache,id=apt-cache-${ROS_DISTRO},target=/var/cache/apt,sharing=locked \
    --mount=type=cache,id=pipx-cache,target=/home/aw/.cache/pipx,uid=1000,gid=1000 \
    pipx install --include-deps "ansible==10.*" && \
    cd /tmp/ansible && \
    ansible-playbook autoware.dev_env.install_nvidia \
      -e "rosdistro=${ROS_DISTRO}" \
      -e install_devel=N \
      -e cuda_install_drivers=false && \
    pipx uninstall ansible
USER root
ENV PATH="/usr/local/cuda/bin${PATH:+:$PATH}"
ENV LD_LIBRARY_PATH="/usr/local/cuda/lib64${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"

FROM base-cuda-runtime AS base-cuda-devel
RUN for d in thrust cub; do \
      if [ -d "/usr/local/cuda/include/cccl/${d}" ] && [ ! -e "/usr/local/cuda/include/${d}" ]; then \
        ln -s "/usr/local/cuda/include/cccl/${d}" "/usr/local/cuda/include/${d}"; \
      fi; \
    done
