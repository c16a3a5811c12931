#!/bin/bash
# source: https://github.com/NVIDIA/TensorRT docker/launch.sh
extra_args=""
if [ "$arg_gpus" != "none" ]; then
    extra_args="$extra_args --gpus $arg_gpus"
fi

docker_args="$extra_args -v ${PWD}:/workspace/TensorRT --rm -it $arg_tag:latest"

echo "> docker run $docker_args"
docker run $docker_args
