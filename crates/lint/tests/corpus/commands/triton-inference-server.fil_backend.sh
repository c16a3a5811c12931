# source: https://github.com/triton-inference-server/fil_backend ci/gitlab/build.sh
if [ -z "$NV_DOCKER_ARGS" ]
then
  if [ -z $CUDA_VISIBLE_DEVICES ]
  then
    GPU_DOCKER_ARGS='--gpus all'
  else
    GPU_DOCKER_ARGS='--gpus $CUDA_VISIBLE_DEVICES'
  fi
else
  GPU_DOCKER_ARGS="$(eval ${NV_DOCKER_ARGS} || echo -n '')"
fi

docker create -t --name ${MODEL_BUILDER_INST} \
  -e RETRAIN=1 \
  $GPU_DOCKER_ARGS \
  $DOCKER_ARGS \
  $MODEL_BUILDER_IMAGE \
  bash
