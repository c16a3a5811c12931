# source: https://github.com/triton-inference-server/tutorials Triton_Inference_Server_Python_API/build.sh
docker_build() {
    $RUN_PREFIX docker run --gpus all --rm -it -v ${SOURCE_DIR}:/workspace $TAG /bin/bash -c "/workspace/scripts/stable_diffusion/build_models.sh --model stable_diffusion_xl"
}
