# source: https://github.com/0xHoneyJar/loa-finn deploy/vllm/Dockerfile
FROM vllm/vllm-openai:v0.6.3
ARG MODEL_ID=Qwen/Qwen2.5-Coder-7B-Instruct
ARG QUANTIZATION=awq
ENV MODEL_ID=${MODEL_ID} QUANTIZATION=${QUANTIZATION}
ENV TENSOR_PARALLEL_SIZE=1
CMD python3 -m vllm.entrypoints.openai.api_server --model /models/${MODEL_ID} \
    ${QUANTIZATION:+--quantization ${QUANTIZATION}} \
    --tensor-parallel-size ${TENSOR_PARALLEL_SIZE}
