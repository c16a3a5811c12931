# source: https://github.com/rkent/bdbd_docker docker/orb_slam3/Dockerfile
FROM osrf/ros:melodic-desktop-full
RUN sudo apt update
ENV NVIDIA_VISIBLE_DEVICES \
    ${NVIDIA_VISIBLE_DEVICES:-all}
ENV NVIDIA_DRIVER_CAPABILITIES \
    ${NVIDIA_DRIVER_CAPABILITIES:+$NVIDIA_DRIVER_CAPABILITIES,}graphics
RUN DEBIAN_FRONTEND=noninteractive
RUN sudo apt install software-properties-common -y
RUN sudo add-apt-repository ppa:graphics-drivers 
RUN sudo apt install nvidia-driver-450 -y
RUN apt-get install -y \
        cmake build-essential git pkg-config \
        libgl1-mesa-dev libglew-dev libeigen3-dev
RUN cd /tmp && git clone https://github.com/stevenlovegrove/Pangolin && \
    cd Pangolin && git checkout v0.6 && mkdir build && cd build && \
    cmake -DCMAKE_CXX_FLAGS=-std=c++11 .. && \
    make -j$nproc && make install
RUN git clone https://github.com/UZ-SLAMLab/ORB_SLAM3 /ORB_SLAM3
