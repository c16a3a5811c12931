#!/bin/bash
# source: https://github.com/LAION-AI/Open-Assistant inference/worker/run_worker_container.sh
hf_transfer_arg="-e HF_HUB_ENABLE_HF_TRANSFER=\"\""
while true; do
    docker pull $image_name
    docker run -it --rm --privileged --runtime=nvidia --gpus=all \
    -e CUDA_VISIBLE_DEVICES=$gpus \
    $hf_transfer_arg \
    -v $OAHF_HOME:/data \
    $image_name
done
