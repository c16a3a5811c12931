# source: https://github.com/xusenlinzy/api-for-open-llm docker/Dockerfile
FROM nvcr.io/nvidia/pytorch:23.10-py3
RUN pip config set global.index-url https://pypi.tuna.tsinghua.edu.cn/simple
COPY requirements.txt /tmp/
RUN pip install -r /tmp/requirements.txt
RUN pip install bitsandbytes --upgrade
ENV PYTHONPATH /srv
