# source: https://github.com/triton-inference-server/tutorials Deployment/Kubernetes/TensorRT-LLM_Autoscaling_and_Load_Balancing/containers/triton_trt-llm.containerfile
ARG ENGINE_DEST_PATH=/var/run/engines
ARG BASE_CONTAINER_IMAGE=nvcr.io/nvidia/tritonserver:26.06-trtllm-python-py3
FROM ${BASE_CONTAINER_IMAGE}
ENV ENGINE_DEST_PATH ${ENGINE_DEST_PATH}
COPY server.py /srv/
RUN pip list --version
ENTRYPOINT [ "/bin/bash" ]
