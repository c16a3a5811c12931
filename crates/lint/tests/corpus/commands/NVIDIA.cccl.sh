# source: https://github.com/NVIDIA/cccl .devcontainer/launch.sh
    RUN_ARGS+=("--rm")

    if test -n "${gpu_request:-}"; then
        RUN_ARGS+=(--gpus "${gpu_request}")
    else
        RUN_ARGS+=("${GPU_REQUEST[@]}")
    fi
