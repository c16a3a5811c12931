# source: https://github.com/osrf/rocker src/rocker/templates/cuda_snippet.Dockerfile.em
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y --no-install-recommends wget gnupg2
RUN if ldconfig -p | grep -q libcuda.so || [ -f /proc/driver/nvidia/version ]; then \
      echo "a driver is here"; \
    else \
      wget -q https://developer.download.nvidia.com/compute/cuda/repos/@(download_osstring)@(download_verstring)/x86_64/cuda-keyring_1.1-1_all.deb && \
      dpkg -i cuda-keyring_1.1-1_all.deb && \
@[if download_osstring == 'debian']@
      # contrib has glx-alternative-nvidia
      add-apt-repository contrib && \
@[end if]@
      apt-get update && \
      apt-get -y install cuda-toolkit && \
      # two owners of libcuda.so.1
      rm -rf /usr/lib/x86_64-linux-gnu/libnv* && \
      rm -rf /usr/lib/x86_64-linux-gnu/libcuda*; \
    fi
ENV PATH /usr/local/cuda/bin${PATH:+:${PATH}}
ENV LD_LIBRARY_PATH /usr/local/cuda/lib64/stubs:/usr/local/cuda/lib64${LD_LIBRARY_PATH:+:${LD_LIBRARY_PATH}}
