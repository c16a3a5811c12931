# source: https://github.com/OpenDroneMap/NodeODM Dockerfile.gpu
FROM opendronemap/odm:gpu
MAINTAINER NodeODM

EXPOSE 3000
USER root
ENV NVM_DIR /usr/local/nvm
ENV NODE_VERSION 14
RUN bash install_deps.sh && \
    ln -s /code/SuperBuild/install/bin/pdal /usr/bin/pdal && \
    ln -s /var/www/node.sh /usr/bin/node
RUN echo /usr/local/cuda-11.2/compat >> /etc/ld.so.conf.d/989_cuda-11.conf && ldconfig
WORKDIR "/var/www"
RUN useradd -m -d "/home/odm" -s /bin/bash odm
COPY --chown=odm:odm . /var/www
RUN npm install --production && mkdir -p tmp && node index.js --powercycle
USER odm
ENTRYPOINT ["/usr/bin/node", "/var/www/index.js"]
