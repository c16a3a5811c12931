# source: https://github.com/LCAS/ros2_pkg_template .devcontainer/Dockerfile
ARG BASE_IMAGE=lcas.lincoln.ac.uk/lcas/ros-docker-images:jammy-cuda12.2-humble-2
FROM ${BASE_IMAGE} AS base
USER root
RUN apt-get update \
    && apt-get install -qq -y --no-install-recommends git python3-pip python3-rosdep

FROM base AS sourcefilter
COPY ./src /tmp/src
RUN find /tmp/src -type f \! -name "package.xml" -print | xargs rm -rf

FROM base AS depbuilder
COPY --from=sourcefilter /tmp/src /tmp/src
RUN rosdep update --rosdistro ${ROS_DISTRO} && apt-get update  \ 
    && rosdep install --from-paths /tmp/src --ignore-src -r -y && rm -rf /tmp/src

FROM depbuilder AS devcontainer
ARG GIT_REPO_VERSION="unknown"
ENV GIT_REPO_VERSION=${GIT_REPO_VERSION}
USER ros

FROM depbuilder AS final
USER ros
COPY . ${HOME}/workspace/src/repository
WORKDIR ${HOME}/workspace/
RUN bash -c "source /opt/ros/${ROS_DISTRO}/setup.sh; colcon build"
