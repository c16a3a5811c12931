# source: https://github.com/triton-inference-server/tutorials Popular_Models_Guide/StableDiffusion/run.sh
if [ -z "$RUN_PREFIX" ]; then
    set -x
fi

$RUN_PREFIX docker run --gpus all -it --rm --network host --shm-size=10G --ulimit memlock=-1 --ulimit stack=67108864 -eHF_TOKEN -eAWS_DEFAULT_REGION -v/tmp:/tmp -v ${SOURCE_DIR}:/workspace -v${SOURCE_DIR}/.cache/huggingface:/root/.cache/huggingface -w /workspace  $IMAGE

{ set +x; } 2>/dev/null
