# syntax=docker/dockerfile:1
{{head}}

# {{toolkit.why}}
FROM {{toolkit}} AS build
WORKDIR /src
# {{python.why}}
{{packages}}
{{python.build}}
COPY . .
# {{builder.why}}
# {{linkage.why}}
# {{architectures.why}}
{{build}}
# The package's own build finds the toolkit by CUDA_HOME, which no image sets, and the library by CPATH and LIBRARY_PATH.
RUN --mount=type=cache,target=/root/.cache/pip \
    python3 -m venv /opt/venv \
 && CUDA_HOME=/usr/local/cuda CPATH=/src/include LIBRARY_PATH="{{library.place}}:${LIBRARY_PATH}" /opt/venv/bin/pip install .

# {{flavour.why}}
FROM {{flavour}}
{{require}}
{{python.run}}
COPY --from=build /opt/venv /opt/venv
{{library.copy}}
ENV PATH="/opt/venv/bin:${PATH}" \
    PYTHONUNBUFFERED=1
# Not root: what breaks out of the program has nothing in the container. A number, as Kubernetes' runAsNonRoot asks for one.
RUN useradd --uid 10001 --user-group --create-home --shell /usr/sbin/nologin app
USER 10001:10001
WORKDIR /home/app
ENTRYPOINT ["python3", "-m", "{{module}}"]
