# source: https://github.com/cgi-estonia-space/ALUs-platform rhel/8/ootpa/devel-extra.Dockerfile
FROM nvidia/cuda:11.2.2-devel-ubi8
COPY setup_runtime.sh setup_devel.sh setup_devel_extra.sh /tmp/
RUN /tmp/setup_runtime.sh
RUN /tmp/setup_devel.sh
RUN /tmp/setup_devel_extra.sh
RUN rm /tmp/setup_runtime.sh /tmp/setup_devel.sh
