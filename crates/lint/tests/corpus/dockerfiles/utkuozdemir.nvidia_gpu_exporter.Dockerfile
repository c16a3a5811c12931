# source: https://github.com/utkuozdemir/nvidia_gpu_exporter Dockerfile
FROM gcr.io/distroless/base-nossl-debian13:latest@sha256:e50761cbc75cbd24ed76553350f67c44dda9d4a9b9c9e8f44bed6ddeb3cb8a9a
EXPOSE 9835
ARG TARGETPLATFORM
COPY ${TARGETPLATFORM}/nvidia_gpu_exporter /bin/exporter
ENTRYPOINT ["/bin/exporter"]
