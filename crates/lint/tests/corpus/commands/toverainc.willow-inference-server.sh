# source: https://github.com/toverainc/willow-inference-server utils.sh
detect_compute() {
    if command -v nvidia-smi &> /dev/null; then
        NVIDIA_DRIVER_VER=$(nvidia-smi --query-gpu=driver_version --format=csv,noheader --id=0 | cut -d'.' -f1)
        if [ $NVIDIA_DRIVER_VER -ge $WIS_MIN_NVIDIA_VER ]; then
            DOCKER_GPUS="--gpus $GPUS"
        else
            FORCE_CPU=1
        fi
    fi
}
