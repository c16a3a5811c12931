# source: https://github.com/janhq/cortex.tensorrtllm .github/runners/Dockerfile.window.runner-ada
FROM mcr.microsoft.com/windows/servercore:ltsc2019
SHELL ["cmd", "/S", "/C"]
# CUDA 12.2
RUN powershell -Command \
    $ErrorActionPreference = 'Stop'; \
    curl.exe https://example.org/deps/cuda_12.2.2_537.13_windows.exe \
    --output "cuda_installer.exe"; \
    Start-Process cuda_installer.exe -Wait -ArgumentList '-s'; \
    Remove-Item cuda_installer.exe -Force
RUN powershell -Command \
    cp "\"C:\\\\Program Files\\\\Python310\\\\python.exe\" \"C:\\\\Program Files\\\\Python310\\\\python3.exe\""
RUN setx Path "%Path%;C:\Program Files\CMake\bin"
RUN \
    # build tools of Visual Studio
    curl -SL --output vs_buildtools.exe https://aka.ms/vs/17/release/vs_buildtools.exe \
    \
    # without the components that do not work in a container
    && (start /w vs_buildtools.exe --quiet --wait --norestart --nocache \
        --installPath "%ProgramFiles(x86)%\Microsoft Visual Studio\2022\BuildTools" \
        || IF "%ERRORLEVEL%"=="3010" EXIT 0)
WORKDIR "C:\\\\workspace"
RUN powershell -Command \
    Expand-Archive .\NvToolsExt.zip -DestinationPath 'C:\Program Files\NVIDIA Corporation\'; \
    Remove-Item NvToolsExt.zip -Force
ENTRYPOINT ["C:\\Program Files (x86)\\Microsoft Visual Studio\\2022\\BuildTools\\Common7\\Tools\\VsDevCmd.bat", "-arch=amd64", "&&", "powershell.exe"]
RUN VsDevCmd.bat -arch=amd64 && \
    powershell.exe -NoLogo "cd nitro-tensorrt-llm; python .\scripts\build_wheel.py -a '89-real;90-real' --trt_root 'C:\workspace\TensorRT-9.2.0.5\'"
CMD ["powershell.exe", "-File", ".\\runner.ps1"]
