# source: https://github.com/gw0/docker-debian-cuda Dockerfile
FROM debian:buster
ENV DEBIAN_FRONTEND noninteractive
RUN apt-get update -qq \
 && apt-get install --no-install-recommends -y \
    # to fetch keys
    gnupg2 \
    wget \
    ca-certificates
RUN wget -nv -P /root/manual https://developer.download.nvidia.com/compute/cuda/repos/ubuntu1804/x86_64/7fa2af80.pub \
 && apt-key add /root/manual/7fa2af80.pub \
 && wget -nv -P /root/manual https://developer.download.nvidia.com/compute/cuda/repos/ubuntu1804/x86_64/cuda-repo-ubuntu1804_10.1.243-1_amd64.deb \
 && dpkg -i /root/manual/cuda-repo-ubuntu1804_10.1.243-1_amd64.deb \
 && echo 'deb https://developer.download.nvidia.com/compute/machine-learning/repos/ubuntu1804/x86_64 /' > /etc/apt/sources.list.d/nvidia-ml.list
RUN apt-get update -qq \
 && apt-get install --no-install-recommends -y \
    # the toolkit
    cuda-libraries-10-0 \
    cuda-npp-10-0 \
# from 11 on
#    libnpp-11-0
    libcublas10 \
    libnccl2 \
    libcudnn7=7.6.3.30-1+cuda10.1 \
 && apt-mark hold libcublas10
RUN ls /usr/local/cuda-10.0/targets/x86_64-linux/lib/* | xargs -I{} ln -s {} /usr/lib/x86_64-linux-gnu/ \
 && ln -s libcuda.so /usr/lib/x86_64-linux-gnu/libcuda.so.1 \
 && ln -s libnvidia-ml.so /usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1
