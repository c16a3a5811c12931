# source: https://github.com/AgileCodeCO/generative_deep_learning docker/Dockerfile.gpu
FROM tensorflow/tensorflow:2.10.1-gpu
RUN rm /etc/apt/sources.list.d/cuda.list
RUN apt-get update && apt-get install -y graphviz musescore3
COPY ./requirements.txt /app/
RUN pip install --upgrade pip && pip install -r /app/requirements.txt
RUN pip install tensorflow-io
RUN pip uninstall -y tensorflow-io
ENV PYTHONPATH="${PYTHONPATH}:/app"