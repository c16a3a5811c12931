# source: https://github.com/lllyasviel/Fooocus Dockerfile
FROM nvidia/cuda:12.4.1-base-ubuntu22.04
ENV DEBIAN_FRONTEND noninteractive
ENV CMDARGS --listen
RUN apt-get update -y && \
	apt-get install -y curl libgl1 libglib2.0-0 python3-pip python-is-python3 git && \
	apt-get clean
COPY requirements_docker.txt requirements_versions.txt /tmp/
RUN pip install --no-cache-dir -r /tmp/requirements_docker.txt -r /tmp/requirements_versions.txt && \
	rm -f /tmp/requirements_docker.txt /tmp/requirements_versions.txt
RUN pip install --no-cache-dir xformers==0.0.23 --no-dependencies
RUN adduser --disabled-password --gecos '' user && \
	mkdir -p /content/app /content/data
COPY entrypoint.sh /content/
WORKDIR /content
USER user
COPY --chown=user:user . /content/app
CMD [ "sh", "-c", "/content/entrypoint.sh ${CMDARGS}" ]
