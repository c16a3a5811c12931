# source: https://github.com/Raghav-B/epsilon-flow docker/Dockerfile.cuda
FROM nvidia/cuda:12.4.1-cudnn-runtime-ubuntu22.04
RUN apt-get update && \
    apt-get install -y --no-install-recommends ffmpeg curl ca-certificates
RUN curl -LsSf https://astral.sh/uv/install.sh | sh
ENV PATH="/opt/venv/bin:/root/.local/bin:$PATH"
COPY pyproject.toml /srv/
COPY src /srv/src
RUN uv python install 3.12 \
    && uv venv --python 3.12 /opt/venv \
    && cd /srv && uv pip install --python /opt/venv/bin/python '.[backend]'
CMD ["uvicorn", "epsilon_flow.backend:app", "--port", "8791"]
