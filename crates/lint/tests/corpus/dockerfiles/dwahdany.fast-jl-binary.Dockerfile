# source: https://github.com/dwahdany/fast-jl-binary Dockerfile
FROM nvidia/cuda:12.9.1-devel-ubuntu22.04 AS build
COPY --from=ghcr.io/astral-sh/uv:latest /uv /uvx /bin/
COPY --chmod=755 entrypoint.sh /build/
ENTRYPOINT [ "/build/entrypoint.sh" ]
