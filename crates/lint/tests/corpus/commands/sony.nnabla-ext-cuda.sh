#!/bin/bash
# source: https://github.com/sony/nnabla-ext-cuda build-tools/scripts/nvidia-docker.sh
if which nvidia-docker >/dev/null
then
    nvidia-docker "$@"
else
    if [ "$1" == "run" ]
    then
        GPU=\"device=${NV_GPU}\" 
        if [ "${NV_GPU}" == "" ]
        then
            GPU=all
        fi
        docker run --gpus=$GPU "${@:2}"
    else
        docker "$@"
    fi
fi
