# source: https://github.com/OPR-Project/OpenPlaceRecognition docker/Dockerfile.base
FROM nvcr.io/nvidia/cuda:12.1.1-cudnn8-devel-ubuntu22.04
ARG MAX_JOBS=4
RUN apt-get update && apt-get install -y git wget python3-pip build-essential ninja-build cmake swig libopenblas-dev
RUN ln -s /usr/bin/python3 /usr/bin/python
RUN pip install \
    torch==2.1.2+cu121 \
    torchvision==0.16.2+cu121 \
    --extra-index-url https://download.pytorch.org/whl/cu121
ENV TORCH_CUDA_ARCH_LIST="6.0 6.1 7.0 7.5 8.0 8.6"
ENV TORCH_NVCC_FLAGS="-Xfatbin -compress-all"
ENV CUDA_HOME=/usr/local/cuda-12.1
RUN git clone https://github.com/facebookresearch/faiss.git && \
    cd faiss && \
    cmake -B build . \
        -DFAISS_ENABLE_GPU=ON \
        -DFAISS_ENABLE_PYTHON=ON \
        -DCUDAToolkit_ROOT=/usr/local/cuda-12.1 \
        -DCMAKE_CUDA_ARCHITECTURES="60;61;70;75;80;86" && \
    make -C build -j${MAX_JOBS} faiss && \
    make -C build -j${MAX_JOBS} swigfaiss
RUN pip install onnxruntime-gpu==1.18 --extra-index-url \
    https://aiinfra.pkgs.visualstudio.com/PublicPackages/_packaging/onnxruntime-cuda-12/pypi/simple/ && \
    pip install tensorrt==8.6.0 && \
    pip install torch-tensorrt==2.1.0 --extra-index-url https://download.pytorch.org/whl/test/cu121
RUN FORCE_CUDA=1 pip install "git+https://github.com/facebookresearch/pytorch3d.git@stable"
RUN pip install paddlepaddle-gpu==2.6.1.post120 -f https://www.paddlepaddle.org.cn/whl/linux/mkl/avx/stable.html
RUN pip install -f https://data.pyg.org/whl/torch-2.1.2+cu121.html \
        torch-cluster==1.6.3 torch-scatter==2.1.2 torch-sparse==0.6.18
