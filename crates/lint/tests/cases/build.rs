//! Building: what is missing, what is installed that ought not to be, and values that are not what they look like.

use super::{Row, check_family, covers};

macro_rules! devel {
    ($steps:literal) => {
        concat!("FROM nvidia/cuda:12.9.2-devel-ubuntu22.04\n", $steps, "\n")
    };
}

macro_rules! base {
    ($steps:literal) => {
        concat!("FROM nvidia/cuda:12.9.2-base-ubuntu22.04\n", $steps, "\n")
    };
}

#[rustfmt::skip]
const TOOLS: &[Row] = &[
    ("nvcc in base", base!("RUN nvcc x.cu"), &["2: LG201"]),
    ("nvcc in devel", devel!("RUN nvcc x.cu"), &[]),
    ("nvcc, named wholly", base!("RUN /usr/local/cuda/bin/nvcc x.cu"), &["2: LG201"]),
    ("nvcc comes too late", base!("RUN nvcc x.cu && apt-get install -y cuda-nvcc-12-9"), &["2: LG201"]),
    ("nvcc by a package", base!("RUN apt-get -qq install -y cuda-minimal-build-12-9 && nvcc x.cu"), &[]),
    ("nvcc by packages in a variable", base!("ARG PACKAGES=cuda-nvcc-12-9\nRUN apt-get install -y $PACKAGES\nRUN nvcc x.cu"), &[]),
    ("nvcc by packages of a file", base!("RUN xargs apt-get install -y < packages.txt\nRUN nvcc x.cu"), &[]),
    ("nvcc by conda", "FROM continuumio/miniconda3:24.9.2-0\nRUN conda install -y -c nvidia cuda-nvcc\nRUN nvcc x.cu\n", &[]),
    ("nvcc by conda's label", "FROM pytorch/pytorch:2.1.2-cuda12.1-cudnn8-runtime\nRUN conda install -c nvidia/label/cuda-12.1.1 cuda -y\nRUN nvcc x.cu\n", &[]),
    ("nvcc by a runfile", "FROM ubuntu:22.04\nRUN sh cuda_12.8.1_570.124.06_linux.run --silent --toolkit\nRUN nvcc x.cu\n", &[]),
    ("nvcc in an environment", "FROM python:3.12-slim\nSHELL [\"uv\", \"run\", \"bash\", \"-c\"]\nRUN nvcc x.cu\n", &[]),
    ("nvcc may be missing", base!("RUN nvcc --version || true"), &[]),
    ("nvcc under a condition", base!("RUN if [ -n \"$A\" ]; then nvcc x.cu; fi"), &[]),
    ("nvcc in a base that is not known", "ARG BASE\nFROM $BASE\nRUN nvcc x.cu\n", &[]),
    ("nvcc in an argument's base", "ARG BASE=nvidia/cuda:12.9.2-base-ubuntu22.04\nFROM $BASE\nRUN nvcc x.cu\n", &["3: LG201"]),
    ("nvcc in a stage that the default build leaves out", "ARG BASE=ubuntu:22.04\nFROM $BASE AS prebuilt\nRUN nvcc x.cu\nFROM ubuntu:22.04\nRUN true\n", &[]),
    ("make of a CPU image", "FROM python:3.12-slim\nRUN make\n", &["2: LG202"]),
    ("cmake with requirements", "FROM ubuntu:22.04\nRUN apt-get install -y python3-pip g++\nRUN pip install -r requirements-build.txt\nRUN cmake -B build\n", &[]),
    ("cmake", devel!("RUN cmake -B build"), &["2: LG202"]),
    ("make that may come too late", base!("RUN make\nRUN ./install.sh"), &["2: LG202"]),
    ("make of a function's", base!("RUN install() { apt-get install -y \"$@\"; }; install make\nRUN make"), &[]),
    ("a compiler that is recommended", base!("RUN apt-get install -y python3-pip\nRUN gcc x.c"), &[]),
    ("a compiler that is not", base!("RUN apt-get install -y --no-install-recommends python3-pip\nRUN gcc x.c"), &["3: LG202"]),
    ("pip once a stage", base!("RUN pip install a\nRUN pip install b"), &["2: LG203"]),
    ("pip without its package", base!("RUN apt-get install -y --no-install-recommends python3-dev supervisor\nRUN pip install a"), &["3: LG203"]),
    ("pip of an environment", base!("RUN apt-get install -y python3-venv\nRUN python3 -m venv /v\nENV PATH=/v/bin:$PATH\nRUN pip install a"), &[]),
    ("python with something else", base!("RUN apt-get install -y lsb-release\nRUN python3 x.py"), &[]),
    ("python after tools alone", base!("RUN apt-get install -y curl git\nRUN python3 x.py"), &["3: LG203"]),
    ("several inputs", devel!("RUN nvcc -c a.cu b.cu -o c.o"), &["2: LG204"]),
    ("one output", devel!("RUN nvcc a.cu b.cu -o c && nvcc -c a.cu -o a.o && nvcc -dlink a.o b.o -o c.o"), &[]),
];

#[rustfmt::skip]
const DRIVERS: &[Row] = &[
    ("a driver", base!("RUN apt-get install -y nvidia-driver-535 nvidia-utils-535"), &["2: LG205"]),
    ("a driver by a number", base!("RUN apt-get install -y libnvidia-compute-${DRIVER}"), &["2: LG205"]),
    ("an old driver", "FROM ubuntu:16.04\nRUN apt-get install -y nvidia-384\n", &["2: LG205"]),
    ("no driver", base!("RUN apt-get install -y nvidia-settings nvidia-modprobe nvidia-cuda-gdb nvidia-vaapi-driver"), &[]),
    ("cuda on RHEL", "FROM rockylinux:9\nRUN dnf install -y cuda\n", &["2: LG205"]),
    ("cuda by conda", "FROM continuumio/miniconda3:24.9.2-0\nRUN conda install -y cuda\n", &[]),
    ("the toolkit", "FROM ubuntu:22.04\nRUN apt-get install -y cuda-toolkit-12-9 cuda-libraries-12-9\n", &[]),
    ("a package is taken away", base!("RUN apt-get purge -y cuda-compat-12-9 && apt-get install -y nvidia-driver-535-"), &[]),
    ("for WSL", "FROM ubuntu:22.04\nRUN wget https://developer.download.nvidia.com/compute/cuda/repos/wsl-ubuntu/x86_64/cuda-keyring_1.1-1_all.deb\nRUN apt-get install -y cuda\n", &[]),
    ("to link with, in a stage of its own", "FROM ubuntu:22.04 AS build\nRUN apt-get install -y libnvidia-compute-535\nFROM ubuntu:22.04\nCOPY --from=build /x /x\n", &[]),
    ("with recommended packages", base!("RUN apt-get install -y nvidia-opencl-dev"), &["2: LG205"]),
    ("without recommended packages", base!("RUN apt-get install -y --no-install-recommends nvidia-opencl-dev"), &[]),
    ("the installer", "FROM ubuntu:22.04\nRUN ./NVIDIA-Linux-x86_64-535.183.01.run --silent\n", &["2: LG205"]),
    ("the installer unpacks", "FROM ubuntu:22.04\nRUN sh NVIDIA-Linux-x86_64-535.183.01.run -x\n", &[]),
    ("the toolkit's installer", "FROM ubuntu:22.04\nRUN sh cuda_12.8.1_570.124.06_linux.run --silent --toolkit --override\n", &[]),
    ("the toolkit's installer with all", "FROM ubuntu:22.04\nRUN sh cuda_12.8.1_570.124.06_linux.run --silent\n", &["2: LG205"]),
    ("nvidia-smi", base!("RUN nvidia-smi"), &["2: LG206"]),
    ("nvidia-smi that may fail", base!("RUN nvidia-smi || true"), &["2: LG206"]),
    ("nvidia-smi under a condition", base!("RUN if command -v nvidia-smi; then nvidia-smi; fi"), &[]),
    ("nvidia-smi later", base!("CMD nvidia-smi"), &[]),
    ("nvidia-smi in a text", base!("RUN echo \"alias wns='watch nvidia-smi'\" >> ~/.bashrc"), &[]),
    ("a GPU for the step", base!("RUN --device=nvidia.com/gpu=all nvidia-smi"), &[]),
    ("an assertion", "FROM pytorch/pytorch:2.5.1-cuda12.4-cudnn9-runtime\nRUN python -c 'import torch; assert torch.cuda.is_available()'\n", &["2: LG206"]),
    ("a question", "FROM pytorch/pytorch:2.5.1-cuda12.4-cudnn9-runtime\nRUN python -c 'import torch; print(torch.cuda.is_available())'\n", &[]),
    ("the GPU of the machine", devel!("RUN nvcc -arch=native x.cu\nENV CUDAARCHS=native"), &["2: LG206", "3: LG206"]),
    ("the toolkit for containers", base!("RUN apt-get install -y nvidia-container-toolkit"), &["2: LG212"]),
    ("with an engine", base!("RUN apt-get install -y docker-ce-cli nvidia-container-toolkit"), &[]),
    ("in an engine's image", "FROM docker:27-dind\nRUN apk add nvidia-container-toolkit\n", &[]),
    ("a driver's library", "FROM nvidia/cuda:12.9.2-devel-ubuntu22.04\nENV LIBRARY_PATH=/x\nRUN nvcc x.cu -lcuda\n", &["3: LG208"]),
    ("its stub is named", "FROM nvidia/cuda:12.9.2-devel-ubuntu22.04\nENV LIBRARY_PATH=/x\nRUN LIBRARY_PATH=/usr/local/cuda/lib64/stubs nvcc x.cu -lcuda\n", &[]),
    ("the image names its stubs", devel!("RUN nvcc x.cu -lcuda"), &[]),
    ("the image's stubs are kept", devel!("ENV LIBRARY_PATH=/x:$LIBRARY_PATH\nRUN nvcc x.cu -lcuda"), &[]),
    ("no stub of the toolkit's", devel!("RUN g++ x.cpp -lnvcuvid"), &["2: LG208"]),
];

#[rustfmt::skip]
const VERSIONS: &[Row] = &[
    ("another toolkit", devel!("RUN apt-get install -y cuda-toolkit-12-4"), &["2: LG207"]),
    ("the image's own", base!("RUN apt-get install -y cuda-nvcc-12-9 cuda-libraries-12-9"), &[]),
    ("the distribution's", devel!("RUN apt-get install -y nvidia-cuda-toolkit"), &["2: LG207"]),
    ("the newest", devel!("RUN apt-get install -y cuda-toolkit"), &["2: LG207"]),
    ("a version of the package", devel!("RUN apt-get install -y cuda-toolkit=12.9.1-1"), &[]),
    ("in place of the image's", devel!("RUN apt-get purge -y 'cuda*' && apt-get install -y cuda-toolkit-12-4"), &[]),
    ("in an image without", "FROM ubuntu:22.04\nRUN apt-get install -y cuda-toolkit-12-4\n", &[]),
    ("conda's", devel!("RUN conda install -y cudatoolkit=11.8"), &["2: LG207"]),
    ("conda's, where there is only the runtime", base!("RUN conda install -y cudatoolkit=11.8"), &[]),
    ("cuDNN of another major version", base!("RUN apt-get install -y libcudnn9-cuda-13"), &["2: LG214"]),
    ("cuDNN of another minor version", base!("RUN apt-get install -y libcudnn8=8.9.7.29-1+cuda12.2"), &[]),
    ("NCCL of another major version", base!("RUN apt-get install -y 'libnccl2=2.15.*+cuda11.8'"), &["2: LG214"]),
    ("NCCL of the newest CUDA", devel!("RUN apt-get install -y --allow-change-held-packages libnccl2"), &["2: LG214"]),
    ("NCCL that the image holds", devel!("RUN apt-get install -y libnccl2"), &[]),
    ("cuDNN of the newest CUDA", "FROM nvidia/cuda:11.8.0-runtime-ubuntu22.04\nRUN apt-get install -y libcudnn8\n", &["2: LG214"]),
    ("a package that is not known", base!("RUN apt-get install -y libcudnn8=${V}+cuda11.8"), &[]),
    ("an extension without CUDA", "FROM pytorch/pytorch:2.5.1-cuda12.4-cudnn9-devel\nRUN git clone https://example.org/detectron2 && cd detectron2 && pip install -e .\n", &["2: LG209"]),
    ("an extension that is forced", "FROM pytorch/pytorch:2.5.1-cuda12.4-cudnn9-devel\nENV TORCH_CUDA_ARCH_LIST=8.0\nRUN FORCE_CUDA=1 pip install git+https://example.org/pytorch3d\n", &[]),
    ("forced, and no list", "FROM pytorch/pytorch:2.5.1-cuda12.4-cudnn9-devel\nRUN export FORCE_CUDA=1; pip install git+https://example.org/pytorch3d\n", &["2: LG209"]),
    ("arguments", "FROM pytorch/pytorch:2.5.1-cuda12.4-cudnn9-devel\nARG TORCH_CUDA_ARCH_LIST\nARG FORCE_CUDA\nRUN pip install git+https://example.org/pytorch3d\n", &[]),
    ("a wheel", "FROM pytorch/pytorch:2.5.1-cuda12.4-cudnn9-devel\nRUN pip install https://example.org/pytorch3d/pytorch3d-0.7.8-cp311-cp311-linux_x86_64.whl\n", &[]),
    ("for the processor", "FROM python:3.12-slim\nRUN pip install git+https://example.org/pytorch3d\n", &[]),
    ("what chooses itself", "FROM pytorch/pytorch:2.5.1-cuda12.4-cudnn9-devel\nRUN pip install flash-attn --no-build-isolation && pip install git+https://github.com/NVIDIA/apex\n", &[]),
    ("no toolkit for an extension", "FROM nvidia/cuda:12.9.2-runtime-ubuntu22.04\nRUN apt-get install -y python3-pip\nRUN pip install git+https://github.com/NVlabs/tiny-cuda-nn/#subdirectory=bindings/torch\n", &["3: LG210"]),
    ("CUDA_HOME of an environment", "FROM example/x:1\nENV CUDA_HOME=$CONDA_PREFIX\n", &["2: LG210"]),
    ("CUDA_HOME of an environment that is named", "FROM example/x:1\nENV CONDA_PREFIX=/opt/conda/envs/x\nENV CUDA_HOME=$CONDA_PREFIX\n", &[]),
    ("CUDA_HOME of what is not set", devel!("ENV CUDA_HOME=$CUDA_DIR"), &["2: LG210"]),
    ("CUDA_HOME of an unknown image's", "FROM example/x:1\nENV CUDA_HOME=$CUDA_DIR\n", &[]),
    ("CUDA_HOME with a default", devel!("ENV CUDA_HOME=${CUDA_DIR:-/usr/local/cuda}"), &[]),
];

#[rustfmt::skip]
const LIBRARIES: &[Row] = &[
    ("cuBLAS", "FROM nvidia/cuda:12.9.2-devel-ubuntu22.04 AS build\nRUN nvcc -o /x x.cu -lcublas -lcufft\nFROM nvidia/cuda:12.9.2-base-ubuntu22.04\nCOPY --from=build /x /x\n", &["4: LG213", "4: LG213"]),
    ("cuBLAS in runtime", "FROM nvidia/cuda:12.9.2-devel-ubuntu22.04 AS build\nRUN nvcc -o /x x.cu -lcublas\nFROM nvidia/cuda:12.9.2-runtime-ubuntu22.04\nCOPY --from=build /x /x\n", &[]),
    ("cuDNN in runtime", "FROM nvidia/cuda:12.9.2-cudnn-devel-ubuntu22.04 AS build\nRUN g++ -o /x x.cpp -lcudnn\nFROM nvidia/cuda:12.9.2-runtime-ubuntu22.04\nCOPY --from=build /x /x\n", &["4: LG213"]),
    ("static", "FROM nvidia/cuda:12.9.2-devel-ubuntu22.04 AS build\nRUN nvcc -o /x x.cu -lcublas_static -lculibos\nFROM nvidia/cuda:12.9.2-base-ubuntu22.04\nCOPY --from=build /x /x\n", &[]),
    ("libraries are copied", "FROM nvidia/cuda:12.9.2-devel-ubuntu22.04 AS build\nRUN nvcc -o /x x.cu -lcublas\nFROM nvidia/cuda:12.9.2-base-ubuntu22.04\nCOPY --from=build /x /x\nCOPY --from=build /usr/local/cuda/lib64/libcublas.so.12 /usr/lib/\n", &[]),
    ("libraries are installed", "FROM nvidia/cuda:12.9.2-devel-ubuntu22.04 AS build\nRUN nvcc -o /x x.cu -lcublas\nFROM nvidia/cuda:12.9.2-base-ubuntu22.04\nRUN apt-get install -y libcublas-12-9\nCOPY --from=build /x /x\n", &[]),
    ("from a stage that links nothing", "FROM nvidia/cuda:12.9.2-devel-ubuntu22.04 AS build\nRUN nvcc -o /x x.cu\nFROM nvidia/cuda:12.9.2-base-ubuntu22.04\nCOPY --from=build /x /x\n", &[]),
    ("CTranslate2", "FROM nvidia/cuda:12.9.2-runtime-ubuntu22.04\nRUN apt-get install -y python3-pip && pip install faster-whisper\n", &["2: LG213"]),
    ("CTranslate2 with PyTorch", "FROM nvidia/cuda:12.9.2-runtime-ubuntu22.04\nRUN apt-get install -y python3-pip && pip install torch faster-whisper\n", &[]),
    ("CTranslate2 with its libraries", "FROM nvidia/cuda:12.9.2-runtime-ubuntu22.04\nRUN apt-get install -y python3-pip && pip install faster-whisper nvidia-cudnn-cu12\n", &[]),
    ("CTranslate2 with cuDNN", "FROM nvidia/cuda:12.9.2-cudnn-runtime-ubuntu22.04\nRUN apt-get install -y python3-pip && pip install faster-whisper\n", &[]),
];

#[rustfmt::skip]
const VALUES: &[Row] = &[
    ("the old key", "FROM ubuntu:20.04\nRUN curl -fsSL https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2004/x86_64/7fa2af80.pub | apt-key add -\n", &["2: LG211"]),
    ("the old key by its old name", "FROM ubuntu:16.04\nRUN apt-key adv --fetch-keys http://developer.download.nvidia.com/compute/cuda/repos/GPGKEY\n", &["2: LG211"]),
    ("the old key as a file", "FROM ubuntu:20.04\nADD https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2004/x86_64/7fa2af80.pub /x\n", &["2: LG211"]),
    ("the old key by its fingerprint", "FROM ubuntu:20.04\nRUN apt-key adv --keyserver keyserver.ubuntu.com --recv-keys AE09FE4BBD223A84B2CCFCE3F60F4B3D7FA2AF80\n", &["2: LG211"]),
    ("the old key goes", "FROM ubuntu:20.04\nRUN apt-key del 7fa2af80 && apt-key adv --fetch-keys https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2004/x86_64/3bf863cc.pub\n", &[]),
    ("the key of another repository", "FROM ubuntu:20.04\nRUN apt-key adv --fetch-keys https://developer.download.nvidia.com/compute/machine-learning/repos/ubuntu2004/x86_64/7fa2af80.pub\n", &[]),
    ("for another repository", "FROM ubuntu:22.04\nRUN echo deb http://developer.download.nvidia.com/devtools/repos/ubuntu2204/amd64 / > /etc/apt/sources.list.d/x.list && apt-key adv --fetch-keys http://developer.download.nvidia.com/compute/cuda/repos/ubuntu1804/x86_64/7fa2af80.pub\n", &[]),
    ("in a comment", "FROM ubuntu:22.04\nRUN true \\\n # https://developer.download.nvidia.com/compute/cuda/repos/ubuntu1804/x86_64/7fa2af80.pub\n && true\n", &[]),
    ("of the same ENV", "FROM ubuntu:22.04\nENV A=/x \\\n    B=$A/y C=${A}\n", &["3: LG215", "3: LG215"]),
    ("of the same ENV, and the same before", "FROM ubuntu:22.04\nENV A=/x\nENV A=/x B=$A/y\n", &[]),
    ("of the same ENV, and an argument", "FROM ubuntu:22.04\nARG V=1\nENV V=$V W=$V\n", &[]),
    ("of an ENV before", "FROM ubuntu:22.04\nENV A=/x\nENV B=$A/y\n", &[]),
    ("its own value", "FROM ubuntu:22.04\nENV PATH=/x:$PATH LD_LIBRARY_PATH=/y\n", &[]),
    ("of the old form", "FROM ubuntu:22.04\nENV A B=$A\n", &[]),
    ("a command", "FROM ubuntu:22.04\nENV A=$(nproc) B=`nproc`\nARG C=\"$(x \"y\")\"\n", &["2: LG216", "2: LG216", "3: LG216"]),
    ("a command that is escaped", "FROM ubuntu:22.04\nENV A=\\$(nproc) B='$(nproc)' PS1='$(x)'\n", &[]),
    ("a command where a shell runs", "FROM ubuntu:22.04\nRUN A=$(nproc) x\n", &[]),
    ("a file instead of a version", "FROM python:3.12-slim\nRUN pip install a>=1.0 'b>=2' c<3\n", &["2: LG217", "2: LG217"]),
    ("a file instead of a version, and extras", "FROM python:3.12-slim\nRUN python3 -m pip install jax[cuda12]>=0.4.20\n", &["2: LG217"]),
    ("a file that is meant", "FROM python:3.12-slim\nRUN pip install a > log.txt 2>&1 && pip freeze >1.txt && pip install -r /dev/stdin < x.txt\n", &[]),
    ("a literal dollar sign", "FROM ubuntu:22.04\nENV PATH=/x:\\$PATH\nENV A='/y:${A}'\n", &["2: LG218", "3: LG218"]),
    ("a literal dollar sign of another", "FROM ubuntu:22.04\nENV A=/x:\\$AB B=\\$C\n", &[]),
    ("no colon", "FROM ubuntu:22.04\nENV PATH=/x$PATH\nENV PYTHONPATH=$PYTHONPATH/y\n", &["2: LG219", "3: LG219"]),
    ("a colon with an operator", "FROM ubuntu:22.04\nENV PATH=/x${PATH:+:$PATH} PYTHONPATH=${PYTHONPATH:+$PYTHONPATH:}/y LIBRARY_PATH=$A$LIBRARY_PATH\n", &[]),
];

#[test]
fn tools() {
    check_family("LG2", TOOLS);
}

#[test]
fn drivers() {
    check_family("LG2", DRIVERS);
}

#[test]
fn versions() {
    check_family("LG2", VERSIONS);
}

#[test]
fn libraries() {
    check_family("LG2", LIBRARIES);
}

#[test]
fn values() {
    check_family("LG2", VALUES);
}

#[test]
fn each_rule_has_a_row() {
    covers("LG2", &[TOOLS, DRIVERS, VERSIONS, LIBRARIES, VALUES]);
}
