#!/usr/bin/env bash
# source: https://github.com/MHSeals/ROS2-Docker-Development run-wsl2.sh
if [ -z "${CONTAINER_ID}" ]; then

    docker run \
        --rm \
        --privileged \
        --volume /usr/lib/wsl:/usr/lib/wsl \
        --device=/dev/dxg \
        --env DISPLAY=$DISPLAY \
        --gpus all \
        ${IMAGE_NAME}:${IMAGE_TAG}

fi
