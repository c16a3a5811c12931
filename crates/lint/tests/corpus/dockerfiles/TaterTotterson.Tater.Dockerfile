# source: https://github.com/TaterTotterson/Tater Dockerfile.nvidia
ARG LLAMA_CPP_REF=master
ARG LLAMA_CPP_CMAKE_ARGS=-DGGML_CUDA=on
ARG LLAMA_CPP_CUDA_BUILDER_IMAGE=nvidia/cuda:12.8.1-devel-ubuntu24.04
FROM ${LLAMA_CPP_CUDA_BUILDER_IMAGE} AS llama_cpp_builder
ARG LLAMA_CPP_REF
ARG LLAMA_CPP_CMAKE_ARGS
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates build-essential cmake git libcurl4-openssl-dev
RUN git clone --depth 1 --branch "${LLAMA_CPP_REF}" https://github.com/ggml-org/llama.cpp.git /opt/llama.cpp \
 && ln -sf libcuda.so /usr/local/cuda/lib64/stubs/libcuda.so.1 \
 && cmake -S /opt/llama.cpp -B /opt/llama.cpp/build -DGGML_NATIVE=OFF ${LLAMA_CPP_CMAKE_ARGS} \
    -DCMAKE_EXE_LINKER_FLAGS="-L/usr/local/cuda/lib64/stubs -Wl,-rpath-link,/usr/local/cuda/lib64/stubs" \
 && cmake --build /opt/llama.cpp/build --config Release --target llama-server -j 4
FROM python:3.11-slim
ENV PIP_NO_CACHE_DIR=1 \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    LD_LIBRARY_PATH=/usr/local/nvidia/lib:/usr/local/nvidia/lib64:/usr/local/lib/python3.11/site-packages/nvidia/cublas/lib:/usr/local/lib/python3.11/site-packages/nvidia/cuda_runtime/lib:/usr/local/lib/python3.11/site-packages/nvidia/cudnn/lib
WORKDIR /app
COPY requirements.txt .
RUN python -m pip install --upgrade pip \
 && grep -Ev '^[[:space:]]*(torch|torchaudio|torchvision)([[:space:]=<>!~]|$)' requirements.txt > /tmp/requirements.nvidia.txt \
 && python -m pip install --index-url https://download.pytorch.org/whl/cu128 torch torchaudio \
 && python -m pip install "nvidia-cublas-cu12" "nvidia-cudnn-cu12==9.*" \
 && python -m pip install -r /tmp/requirements.nvidia.txt \
 && python -m pip install "tensorflow[and-cuda]==2.21.0" \
 && python -m pip uninstall -y onnxruntime \
 && python -m pip install "onnxruntime-gpu[cuda,cudnn]<1.27"
COPY --from=llama_cpp_builder /opt/llama.cpp /opt/llama.cpp
CMD ["sh", "run_ui.sh"]
