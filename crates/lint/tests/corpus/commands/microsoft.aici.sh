# source: https://github.com/microsoft/aici scripts/docker-run.sh
case "$1" in
    --shell)
        shift
        DOCKER_ARGS="--entrypoint /bin/bash -it"
        VLLM_ARGS=""
        ;;
esac

set -x
docker run \
        --privileged \
        --gpus=all \
        --shm-size=8g \
        -p $PORT:$PORT \
        $DOCKER_ARGS \
    $DOCKER_TARGET \
    $VLLM_ARGS \
    "$@"
