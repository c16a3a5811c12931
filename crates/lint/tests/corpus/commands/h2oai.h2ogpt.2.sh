# source: https://github.com/h2oai/h2ogpt tests/test_fine_tune_export_tgi.sh
python src/export_hf_checkpoint.py

# TGI
docker run --gpus all --shm-size 1g -e CUDA_VISIBLE_DEVICES=$CUDA_VISIBLE_DEVICES -p $HF_PORT:80 -v $PWD/$MODEL:/$MODEL ghcr.io/huggingface/text-generation-inference:$TGI_VERSION --model-id /$MODEL --sharded false
