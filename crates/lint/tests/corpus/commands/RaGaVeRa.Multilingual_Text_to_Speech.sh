#!/bin/bash
# source: https://github.com/RaGaVeRa/Multilingual_Text_to_Speech scripts/docker/interactive.sh

nvidia-docker run --shm-size=1g --ulimit memlock=-1 --ulimit stack=67108864 -it --rm --ipc=host -p 8888:8888 -v $PWD:/workspace mile2 bash
