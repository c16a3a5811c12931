# source: https://github.com/hsp-iit/roft-samples dockerfiles/run.sh
docker run \
       -it --privileged \
       --net=host \
       -e DISPLAY=$DISPLAY -e NVIDIA_DRIVER_CAPABILITIES=all \
       -v /dev:/dev \
       --gpus all --runtime=nvidia \
       roft-samples-img
