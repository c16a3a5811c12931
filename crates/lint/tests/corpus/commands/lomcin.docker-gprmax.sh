# source: https://github.com/lomcin/docker-gprmax docker/gprmax_gpu/docker_run_gpu.sh
T_FLAG=""
if [ -t 1 ] ; then echo "Interactive"; T_FLAG="t"; else echo "Not interactive. (No TTY)"; fi

nvidia-docker run -i$T_FLAG --rm --runtime=nvidia -e NVIDIA_VISIBLE_DEVICES=all \
       --user $(id -u):$(id -g) \
       --env="DISPLAY" \
       --ipc="host" \
       --privileged \
       --volume="/dev:/dev" \
       --volume="/dev/shm:/dev/shm:rw" \
       $IMAGE_NAME ${@:1}

exit $?
