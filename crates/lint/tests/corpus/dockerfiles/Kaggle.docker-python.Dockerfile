# source: https://github.com/Kaggle/docker-python Dockerfile.tmpl
{{ if eq .Accelerator "gpu" }}
FROM us-docker.pkg.dev/colab-images/public/runtime:release-colab-external-images_20260514-060047_RC00
{{ else }}
FROM us-docker.pkg.dev/colab-images/public/cpu-runtime:release-colab-external-images_20260514-060047_RC00
{{ end}}
ADD kaggle_requirements.txt /kaggle_requirements.txt
RUN pip freeze | grep -E 'tensorflow|keras|torch|jax' > /colab_requirements.txt
RUN uv pip install --system --no-cache -r /requirements.txt
ARG PACKAGE_PATH=/usr/local/lib/python3.12/dist-packages
{{ if eq .Accelerator "gpu" }}
RUN uv pip install --system --no-cache "pycuda"
{{ end }}
RUN apt-get update --allow-releaseinfo-change && \
    # for LightGBM's GPU build
    apt-get install -y build-essential unzip cmake libboost-dev && \
    /tmp/clean-layer.sh
ADD patches/keras_internal.py \
    patches/keras_internal_test.py \
    $PACKAGE_PATH/tensorflow_decision_forests/keras/
