# source: https://github.com/zinhart/nvidia-docker-device-query-example Dockerfile
FROM nvidia/cuda:9.1-base
RUN apt-get update \
 && apt-get install -y --no-install-recommends cuda-samples-$CUDA_PKG_VERSION
RUN make -C /usr/local/cuda/samples/1_Utilities/deviceQuery
WORKDIR /usr/local/cuda/samples/1_Utilities/deviceQuery
CMD ./deviceQuery
