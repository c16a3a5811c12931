# source: https://github.com/GoogleCloudPlatform/PerfKitBenchmarker perfkitbenchmarker/data/nvidia_hpl/a4.dockerfile
FROM nvcr.io/nvidia/hpc-benchmarks:25.04
ENV NCCL_TUNER_CONFIG_PATH="/usr/local/gib/configs/tuner_config_a4.txtpb"
RUN curl https://packages.cloud.google.com/apt/doc/apt-key.gpg | gpg --dearmor -o /etc/apt/trusted.gpg.d/cloud.google.gpg
RUN echo 'deb https://packages.cloud.google.com/apt gpudirect-gib-apt main' | tee /etc/apt/sources.list.d/nccl-gib.list
RUN apt update
RUN apt install nccl-gib
ENV LD_LIBRARY_PATH=/usr/local/gib/lib64:\$LD_LIBRARY_PATH
ENV NCCL_DEBUG=INFO \
    OMPI_MCA_btl=tcp,self \
    OMPI_MCA_mtl=^ofi \
    NCCL_SOCKET_IFNAME=enp0s19,enp192s20
ENV NCCL_NET=gIB
ENV NCCL_IB_ADAPTIVE_ROUTING=1
