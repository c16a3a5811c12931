#!/usr/bin/env bash
# source: https://github.com/AFETZ/NEWWAY scripts/bootstrap-ubuntu-docker-gpu.sh
if ! sudo docker run --rm --gpus all nvidia/cuda:12.4.1-base-ubuntu22.04 nvidia-smi >/dev/null; then
  exit 1
fi
