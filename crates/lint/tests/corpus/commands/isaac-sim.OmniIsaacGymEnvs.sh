# source: https://github.com/isaac-sim/OmniIsaacGymEnvs docker/run_docker.sh
docker run --name isaac-sim-oige --entrypoint bash -it -d --gpus all -e "ACCEPT_EULA=Y" --rm --network=host \
-e "PRIVACY_CONSENT=Y" \
-v ${PWD}:/workspace/omniisaacgymenvs \
-v ~/docker/isaac-sim/cache/computecache:/root/.nv/ComputeCache:rw \
nvcr.io/nvidia/isaac-sim:4.0.0

docker exec -it isaac-sim-oige sh -c "cd /workspace/omniisaacgymenvs && /isaac-sim/python.sh -m pip install -e ."
