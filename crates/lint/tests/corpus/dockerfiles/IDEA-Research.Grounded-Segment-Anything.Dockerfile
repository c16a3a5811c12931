# source: https://github.com/IDEA-Research/Grounded-Segment-Anything Dockerfile
FROM pytorch/pytorch:1.13.1-cuda11.6-cudnn8-devel
ARG USE_CUDA=0
ARG TORCH_ARCH=
ENV AM_I_DOCKER True
ENV BUILD_WITH_CUDA "${USE_CUDA}"
ENV TORCH_CUDA_ARCH_LIST "${TORCH_ARCH}"
ENV CUDA_HOME /usr/local/cuda-11.6/
COPY . /home/appuser/Grounded-Segment-Anything/
RUN apt-get update && apt-get install --no-install-recommends wget ffmpeg=7:* \
    libsm6=2:* libxext6=2:* git=1:* -y \
    && apt-get clean
WORKDIR /home/appuser/Grounded-Segment-Anything
RUN python -m pip install --no-cache-dir -e segment_anything
RUN python -m pip install --no-cache-dir wheel
RUN python -m pip install --no-cache-dir --no-build-isolation -e GroundingDINO
RUN pip install --no-cache-dir diffusers[torch]==0.15.1 opencv-python==4.7.0.72 \
    onnxruntime==1.14.1 onnx==1.13.1 gradio openai
