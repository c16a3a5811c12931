# source: https://github.com/run-house/runhouse docker/cuda/Dockerfile
FROM nvidia/cuda:11.8.0-cudnn8-devel-ubuntu20.04
ARG DOCKER_USER_PASSWORD_FILE
WORKDIR /app
RUN apt-get update && \
    apt-get install -y gcc python3-dev openssh-server supervisor && \
    rm -rf /var/lib/apt/lists/*
COPY $DOCKER_USER_PASSWORD_FILE /app/ssh/docker_user_password_file
RUN pip install runhouse
RUN pip install -e .
RUN echo "[supervisord]" > /etc/supervisor/conf.d/supervisord.conf && \
    echo "command=runhouse server start --host "0.0.0.0"" >> /etc/supervisor/conf.d/supervisord.conf
EXPOSE 32300
CMD ["/usr/bin/supervisord", "-c", "/etc/supervisor/conf.d/supervisord.conf"]
