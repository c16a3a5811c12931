# source: https://github.com/triton-inference-server/tutorials Deployment/Kubernetes/TensorRT-LLM_Autoscaling_and_Load_Balancing/containers/triton_trt-llm.containerfile
ARG BASE_CONTAINER_IMAGE=nvcr.io/nvidia/tritonserver:26.06-trtllm-python-py3
ARG ENGINE_DEST_PATH=/var/run/engines
ARG HF_HOME=/var/run/cache
FROM ${BASE_CONTAINER_IMAGE}
ENV TERM=xterm-256color
ENV ENGINE_DEST_PATH ${ENGINE_DEST_PATH}
ENV HF_HOME ${HF_HOME}
WORKDIR /workspace
COPY server.py .
RUN apt list --installed \
 && pip list --version
ENTRYPOINT [ "/bin/bash" ]
