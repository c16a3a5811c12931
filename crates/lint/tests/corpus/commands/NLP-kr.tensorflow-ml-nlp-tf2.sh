# source: https://github.com/NLP-kr/tensorflow-ml-nlp-tf2 exec_jupyter_for_gpu.sh
sudo docker run -it --rm -p 8889:8889 --gpus=all --memory=12g --memory-swap=24g\
 --mount type=bind,destination=/workspace/practice,source=`pwd`\
 tf2_practice_gpu