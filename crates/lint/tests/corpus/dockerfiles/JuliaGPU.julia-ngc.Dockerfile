# source: https://github.com/JuliaGPU/julia-ngc Dockerfile
ARG IMAGE=nvidia/cuda:12.1.1-devel-ubuntu20.04
FROM $IMAGE
ARG JULIA_RELEASE=1.9
ARG JULIA_VERSION=1.9.0-rc3
RUN apt-get update && \
    DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --no-install-recommends \
                    # what is needed to download
                    curl ca-certificates nano && \
    apt-get clean
RUN curl -s -L https://julialang-s3.julialang.org/bin/linux/x64/${JULIA_RELEASE}/julia-${JULIA_VERSION}-linux-x86_64.tar.gz | \
    tar -C /usr/local -x -z --strip-components=1 -f -
COPY Project.toml Manifest.toml LocalPreferences.toml /usr/local/share/julia/environments/v${JULIA_RELEASE}/
RUN JULIA_DEPOT_PATH=/usr/local/share/julia \
    julia -e 'using CUDA; CUDA.precompile_runtime()'
ENV JULIA_DEPOT_PATH=/usr/local/share/julia
WORKDIR "/workspace"
ENTRYPOINT ["/usr/local/bin/julia"]
