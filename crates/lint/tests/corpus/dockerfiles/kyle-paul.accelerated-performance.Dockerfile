# source: https://github.com/kyle-paul/accelerated-performance Dockerfile
FROM nvcr.io/nvidia/pytorch:24.05-py3
RUN pip install onnxruntime-gpu --extra-index-url https://aiinfra.pkgs.visualstudio.com/PublicPackages/_packaging/onnxruntime-cuda-12/pypi/simple/
# cuDNN 8 for it
ADD cudnn-linux-x86_64-8.9.7.29_cuda12-archive.tar.xz /tmp/
RUN cp /tmp/cudnn-*-archive/include/cudnn*.h /usr/local/cuda/include \
 && cp -P /tmp/cudnn-*-archive/lib/libcudnn* /usr/local/cuda/lib64
ENV LD_LIBRARY_PATH=${LD_LIBRARY_PATH}:/usr/local/cuda/lib64
