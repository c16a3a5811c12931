# source: https://github.com/8borane8/magi docker/Dockerfile.api
FROM pytorch/pytorch:2.8.0-cuda12.6-cudnn9-runtime
ENV DEBIAN_FRONTEND=noninteractive \
	PIP_DISABLE_PIP_VERSION_CHECK=1 \
	MAGI_DATA_DIR=/data
RUN apt-get update \
	&& apt-get install -y --no-install-recommends ca-certificates ffmpeg git libsndfile1 \
	&& rm -rf /var/lib/apt/lists/*
# whisperx pins torch 2.8 itself
RUN pip install --upgrade-strategy only-if-needed whisperx==3.8.6
COPY --from=denoland/deno:bin-2.9.5 /deno /usr/local/bin/deno
WORKDIR /app/apps/api
COPY apps/api ./
RUN deno cache src/index.ts
CMD ["deno", "task", "start"]
