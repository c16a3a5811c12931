# source: https://github.com/OFark/Compressarr Dockerfile.nvidia
FROM mcr.microsoft.com/dotnet/sdk:6.0 AS build
COPY . /src/
RUN dotnet publish /src/Compressarr -c Release -o /app/publish
FROM jrottenberg/ffmpeg:snapshot-nvidia AS ffmpeg
FROM mcr.microsoft.com/dotnet/aspnet:6.0
COPY --from=ffmpeg /usr/local/bin/ /usr/local/bin/
COPY --from=ffmpeg /usr/local/lib/ /usr/local/lib/
COPY --from=ffmpeg /usr/local/cuda/ /usr/local/cuda/
ENV NVIDIA_DRIVER_CAPABILITIES compute,utility,video
ENV LD_LIBRARY_PATH=/usr/local/lib:/usr/local/lib64:/usr/local/cuda/targets/x86_64-linux/lib
RUN apt-get -yqq update && apt-get install -yq --no-install-recommends expat libgomp1
COPY --from=build /app/publish /srv
ENTRYPOINT ["dotnet", "/srv/Compressarr.dll"]
