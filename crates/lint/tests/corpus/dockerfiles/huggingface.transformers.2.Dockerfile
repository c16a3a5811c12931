# source: https://github.com/huggingface/transformers docker/transformers-pytorch-deepspeed-latest-gpu/Dockerfile
FROM nvcr.io/nvidia/pytorch:22.12-py3
ARG PYTORCH='2.0.1'
ARG CUDA='cu118'
RUN apt -y update
RUN apt install -y libaio-dev
RUN python3 -m pip uninstall -y torch torchvision torchaudio
RUN python3 -m pip install --no-cache-dir -U torch==$PYTORCH torchvision torchaudio --extra-index-url https://download.pytorch.org/whl/$CUDA
RUN python3 -m pip uninstall -y apex transformer-engine torch-tensorrt
RUN git clone https://github.com/NVIDIA/apex
RUN cd apex && git checkout 82ee367f3da74b4cd62a1fb47aa9806f0f47b58b && MAX_JOBS=1 python3 -m pip install --global-option="--cpp_ext" --global-option="--cuda_ext" --no-cache -v --disable-pip-version-check .
RUN DS_BUILD_CPU_ADAM=1 DS_BUILD_FUSED_ADAM=1 DS_BUILD_UTILS=1 python3 -m pip install deepspeed --global-option="build_ext" --global-option="-j8" --no-cache -v --disable-pip-version-check 2>&1
RUN python3 -c "from deepspeed.launcher.runner import main"
