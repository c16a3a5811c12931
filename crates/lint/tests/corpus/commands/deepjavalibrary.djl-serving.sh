# source: https://github.com/deepjavalibrary/djl-serving tests/integration/launch_container.sh
if $is_sm_neo_context; then
  docker run \
    -t \
    --rm \
    ${gpus:+--gpus ${gpus}} \
    --network="host" \
    ${model_path:+-v ${model_path}/uncompiled:/opt/ml/model/input} \
    ${shm:+--shm-size="${shm}"} \
    -v ${PWD}/logs:/opt/djl/logs \
    "${docker_image}"
fi
