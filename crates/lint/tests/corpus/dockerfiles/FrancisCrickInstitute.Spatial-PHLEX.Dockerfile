# source: https://github.com/FrancisCrickInstitute/Spatial-PHLEX Dockerfile
FROM rapidsai/rapidsai:22.02-cuda11.0-base-ubuntu18.04-py3.8
COPY requirements.txt /tmp/
RUN source activate rapids && pip install -r /tmp/requirements.txt
# the base's PATH, and that of the environment
ENV PATH="/opt/conda/envs/rapids/bin:/opt/conda/bin:/usr/local/nvidia/bin:/usr/local/cuda/bin:/usr/local/bin:/usr/bin:/bin"