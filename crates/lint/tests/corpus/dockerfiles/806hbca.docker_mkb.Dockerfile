# source: https://github.com/806hbca/docker_mkb Dockerfile
FROM nvidia/cuda:11.8.0-cudnn8-devel-ubuntu20.04
ARG DEBIAN_FRONTEND=noninteractive
ARG ROS_DISTRO=noetic
ARG ROS_PACKAGE=ros-noetic-ros-base
ENV ROS_DISTRO=${ROS_DISTRO} \
    PIP_NO_CACHE_DIR=1
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN apt-get update \
    && apt-get install -y --no-install-recommends build-essential curl gnupg2 python3.8 python3.8-dev python3-pip \
    && ln -sf /usr/bin/python3.8 /usr/local/bin/python3 \
    && python3 -m pip install --no-cache-dir --upgrade pip==24.2 setuptools==70.3.0
RUN curl -fsSL https://raw.githubusercontent.com/ros/rosdistro/master/ros.asc \
    | gpg --dearmor -o /usr/share/keyrings/ros-archive-keyring.gpg \
    && echo "deb [arch=$(dpkg --print-architecture) signed-by=/usr/share/keyrings/ros-archive-keyring.gpg] http://packages.ros.org/ros/ubuntu focal main" \
    > /etc/apt/sources.list.d/ros1.list \
    && apt-get update \
    && apt-get install -y --no-install-recommends ${ROS_PACKAGE} gazebo11 ros-noetic-gazebo-ros
COPY requirements.txt /tmp/requirements.txt
RUN python3 -m pip install --no-cache-dir -r /tmp/requirements.txt \
    && rm /tmp/requirements.txt
COPY --chmod=0755 docker/ros_entrypoint.sh /ros_entrypoint.sh
ENTRYPOINT ["/ros_entrypoint.sh"]
CMD ["bash"]
