#!/bin/bash
# source: https://github.com/vllm-project/production-stack examples/disaggregated_prefill/start_decode.sh
IMAGE=lmcache/vllm-openai:2025-05-27-v1
docker run --runtime nvidia --gpus all \
    --env "LMCACHE_NIXL_BUFFER_DEVICE=cuda" \
    --env "CUDA_VISIBLE_DEVICES=1" \
    --env "UCX_TLS=cuda,tcp" \
    --ipc host \
    --cap-add CAP_SYS_PTRACE --shm-size="8g" \
    --network host \
    --pid=container:master \
    $IMAGE \
     meta-llama/Llama-3.1-8B-Instruct \
    --port 8200 \
    --kv-transfer-config \
    '{"kv_connector":"LMCacheConnectorV1","kv_role":"kv_consumer"}'
    # --max-num-batched-tokens 8192 \
