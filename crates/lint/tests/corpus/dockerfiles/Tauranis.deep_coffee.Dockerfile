# source: https://github.com/Tauranis/deep_coffee Dockerfile
FROM tensorflow/tensorflow:2.0.0-gpu-py3
RUN apt-get update && apt-get install -y libsm6 libxext6 libxrender-dev wget
RUN mkdir /whl && cd /whl \
    && wget https://files.pythonhosted.org/packages/25/44/47f0722aea081697143fbcf5d2aa60d1aee4aaacb5869aee2b568974777b/tensorflow_gpu-2.0.0-cp36-cp36m-manylinux2010_x86_64.whl
COPY requirements.txt /whl/
RUN pip install -r /whl/requirements.txt && \
    pip install --upgrade /whl/tensorflow_gpu-2.0.0-cp36-cp36m-manylinux2010_x86_64.whl
