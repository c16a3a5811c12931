# source: https://github.com/triton-inference-server/fil_backend ci/local/build.sh
if [ -z $CUDA_VISIBLE_DEVICES ]
then
  DOCKER_ARGS="$DOCKER_ARGS --gpus all"
else
  DOCKER_ARGS="$DOCKER_ARGS --gpus $CUDA_VISIBLE_DEVICES"
fi

docker run \
  -e RETRAIN=${RETRAIN:-0} \
  $DOCKER_ARGS \
  --rm $TEST_TAG \
  bash -c 'source /conda/test/bin/activate && /qa/generate_example_models.sh'
