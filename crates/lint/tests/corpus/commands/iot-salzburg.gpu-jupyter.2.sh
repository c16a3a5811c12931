# source: https://github.com/iot-salzburg/gpu-jupyter generate-Dockerfile.sh
echo "To start:"
echo "  docker run --gpus all --rm -it -p 8848:8888 -v \$(pwd)/data:/home/jovyan/work -e NB_UID=\$(id -u) --user root --name gpu-jupyter_1 gpu-jupyter"
