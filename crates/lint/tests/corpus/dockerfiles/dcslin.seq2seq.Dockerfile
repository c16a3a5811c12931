# source: https://github.com/dcslin/seq2seq Dockerfile
from nvidia/cuda:8.0-cudnn7-devel
run apt-get update && apt-get install -y python3 python3-pip
run ln -s /usr/bin/pip3 /usr/bin/pip
run pip install tensorflow-gpu==1.0
# profiler
ENV LD_LIBRARY_PATH="/usr/local/cuda-8.0/extras/CUPTI/lib64:${LD_LIBRARY_PATH}"
