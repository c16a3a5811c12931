# source: https://github.com/taronegeorage/MyUbuntuConfig Docker/start_caffe_example.sh
docker run -it -v /home/zhaojq/shared_folder:/myfiles --name mydocker bvlc/caffe:gpu
