#!/usr/bin/env bash
# source: https://github.com/laket/gpu_docker docker_run_gpu.sh

set -e

export CUDA_SO=$(\ls /usr/lib/x86_64-linux-gnu/libcuda.* | \
                    xargs -I{} echo '-v {}:{}')
export DEVICES=$(\ls /dev/nvidia* | \
                    xargs -I{} echo '--device {}:{}')

docker run -P -it $CUDA_SO $DEVICES "$@"
