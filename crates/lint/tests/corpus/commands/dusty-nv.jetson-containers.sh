# source: https://github.com/dusty-nv/jetson-containers run.sh
if [ "$ARCH" = "tegra-aarch64" ]; then
	( set -x ;

	$SUDO docker run --runtime nvidia --env NVIDIA_DRIVER_CAPABILITIES=compute,utility,graphics -it --rm --network host \
		--shm-size=8g \
		--device /dev/snd \
		$PULSE_AUDIO_ARGS \
		$OPTIONAL_PERMISSION_ARGS $DATA_VOLUME \
		"${filtered_args[@]}"
	)

elif [ "$ARCH" = "aarch64" ] || [ "$ARCH" = "x86_64" ]; then

	( set -x ;

	$SUDO docker run --gpus all -it --rm --network=host \
		--shm-size=8g \
		--ulimit memlock=-1 \
		--ulimit stack=67108864 \
		--env NVIDIA_DRIVER_CAPABILITIES=all \
		"${filtered_args[@]}"
	)
fi
