# source: https://github.com/0xHoneyJar/loa-finn deploy/vllm/Dockerfile
FROM vllm/vllm-openai:v0.6.3
ARG MODEL_ID=Qwen/Qwen2.5-Coder-7B-Instruct
ARG QUANTIZATION=awq
ENV MODEL_ID=${MODEL_ID}
ENV QUANTIZATION=${QUANTIZATION}
ENV MAX_MODEL_LEN=32768
EXPOSE 8000
CMD python3 -m vllm.entrypoints.openai.api_server \
    --model /models/${MODEL_ID} \
    ${QUANTIZATION:+--quantization ${QUANTIZATION}} \
    --max-model-len ${MAX_MODEL_LEN} \
    --port 8000 \
    --host 0.0.0.0
