# source: https://github.com/AFETZ/NEWWAY docker/Dockerfile.gpu
FROM nvidia/cuda:12.4.1-cudnn-devel-ubuntu22.04
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y --no-install-recommends \
    build-essential cmake git libegl1 libgl1 ninja-build \
    python3 python3-dev python3-pip python3-venv \
    && rm -rf /var/lib/apt/lists/*
RUN python3 -m pip install --upgrade pip setuptools wheel
RUN python3 -m pip install \
    "tensorflow[and-cuda]==2.16.1" \
    "sionna==1.0.0" \
    mitsuba
RUN python3 - <<'PY'
import importlib.util
mods = ("tensorflow", "sionna", "mitsuba")
missing = [m for m in mods if importlib.util.find_spec(m) is None]
if missing:
    raise SystemExit("missing: " + ", ".join(missing))
PY
CMD ["bash"]
