# syntax=docker/dockerfile:1
{{head}}

# {{toolkit.why}}
FROM {{toolkit}} AS build
WORKDIR /src
{{packages}}
COPY . .
# {{builder.why}}
# {{linkage.why}}
# {{architectures.why}}
{{build}}

# {{flavour.why}}
FROM {{flavour}}
{{require}}
COPY --from=build /out/ /usr/local/
{{library.cache}}
# Not root: what breaks out of the program has nothing in the container. A number, as Kubernetes' runAsNonRoot asks for one.
RUN useradd --uid 10001 --user-group --create-home --shell /usr/sbin/nologin app
USER 10001:10001
WORKDIR /home/app
ENTRYPOINT ["/usr/local/bin/{{program}}"]
