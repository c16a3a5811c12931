//! Command lines, in scripts and in READMEs.

use super::{Row, check, covers};
use liftgate_lint::Language;

#[rustfmt::skip]
const SCRIPTS: &[Row] = &[
    ("a list in one pair of quotes", "docker run --gpus \"device=0,1\" x/y:1\n", &["1: LG701"]),
    ("a list behind an equals sign", "docker run --gpus=device=0,1 x/y:1\n", &["1: LG701"]),
    ("one device", "docker run --gpus device=0 x/y:1\ndocker run --gpus '\"device=0\"' x/y:1\ndocker run --gpus \"device=GPU-3a23c669\" x/y:1\n", &[]),
    ("lists that are right", "docker run --gpus '\"device=0,1\"' x/y:1\ndocker run --gpus=\\\"device=0,1\\\" x/y:1\ndocker run --gpus \"\\\"device=${X}\\\"\" x/y:1\ndocker run --gpus 'all,\"capabilities=compute,video,utility\"' x/y:1\n", &[]),
    ("variables", "docker run --gpus $GPUS x/y:1\ndocker run ${gpus:+--gpus ${gpus}} x/y:1\ndocker run \"${ARGS[@]}\" x/y:1\ndocker run --gpus \"${GPUS:-device=0}\" x/y:1\n", &[]),
    ("a variable in single quotes", "docker run --gpus '\"device=$GPU\"' x/y:1\n", &["1: LG701"]),
    ("two variables", "docker run --gpus device=$A,$B x/y:1\n", &["1: LG701"]),
    ("quotes that CSV has not", "docker run --gpus '\\\"device=0,1\\\"' x/y:1\n", &["1: LG701"]),
    ("capabilities without quotes", "docker run --gpus all,capabilities=compute,utility x/y:1\n", &["1: LG701"]),
    ("to be replaced", "docker run --gpus N x/y:1\ndocker run --gpus ... x/y:1\ndocker run --gpus all ...\n", &[]),
    ("none", "docker run --gpus none x/y:1\n", &["1: LG701"]),
    ("the second device is dropped", "docker run --gpus device=1,0 x/y:1\n", &["1: LG701"]),
    ("behind the image", "docker run x/y:1 --gpus all\n", &["1: LG702"]),
    ("the program's own options", "docker run --gpus all x/y:1 --gpus 2 --device cuda --runtime onnx\ndocker run --gpus all x/y:1 python train.py --gpus all\ndocker run --gpus all x/y:1 --list-gpus --gpu-usage\n", &[]),
    ("several behind the image", "docker run x/y:1 --runtime=nvidia --shm-size 8g\n", &["1: LG702", "1: LG702"]),
    ("the image is a variable", "docker run $IMAGE --gpus all\n", &[]),
    ("nvidia-smi without a GPU", "docker run --rm ubuntu:24.04 nvidia-smi\n", &["1: LG703"]),
    ("CUDA without a GPU", "docker run -v $HOME:/data x/y:1 serve --device cuda\n", &["1: LG703"]),
    ("an image for GPUs", "docker run x/y:1-gpu\n", &["1: LG703"]),
    ("a compiler's image", "docker run -v $PWD:/src nvidia/cuda:12.9.2-devel-ubuntu24.04 make -C /src\n", &[]),
    ("another way to a GPU", "docker run --device nvidia.com/gpu=all x/y:1-gpu\ndocker run --runtime nvidia dustynv/l4t-pytorch:r36.2.0\ndocker run --device /dev/dri x/y:1-gpu\ndocker run $GPU_ARGS x/y:1-gpu\n", &[]),
    ("for other makers' GPUs", "docker run x/y:latest-gpu-vulkan\n", &[]),
    ("help", "docker run x/y:1-gpu --help\n", &[]),
    ("the old command", "nvidia-docker run x/y:1\n", &["1: LG704"]),
    ("the old command, with a choice", "NV_GPU=0 nvidia-docker run x/y:1\n", &["1: LG704"]),
    ("no GPU", "docker run --gpus 0 x/y:1\n", &["1: LG705"]),
    ("counts", "docker run --gpus 0,1 x/y:1\n", &["1: LG705"]),
    ("a count", "docker run --gpus 1 x/y:1\n", &[]),
    ("indices as a count", "docker run --gpus $CUDA_VISIBLE_DEVICES x/y:1\n", &["1: LG705"]),
    ("indices as a count, put together", "ARGS=\"$ARGS --gpus $CUDA_VISIBLE_DEVICES\"\ndocker run $ARGS x/y:1\n", &["1: LG705"]),
    ("podman", "podman run --gpus all x/y:1\n", &["1: LG706"]),
    ("podman with both", "podman run --gpus all --device nvidia.com/gpu=all x/y:1\n", &[]),
    ("PyTorch", "docker run --gpus all nvcr.io/nvidia/pytorch:24.05-py3 python train.py\n", &["1: LG707"]),
    ("PyTorch that only looks", "docker run --gpus all nvcr.io/nvidia/pytorch:24.05-py3 python -c 'import torch'\n", &[]),
    ("PyTorch with memory", "docker run --gpus all --ipc host nvcr.io/nvidia/pytorch:24.05-py3\ndocker run --gpus all -v /dev/shm:/dev/shm nvcr.io/nvidia/pytorch:24.05-py3\n", &[]),
    ("bytes", "docker run --gpus all --shm-size 8 x/y:1\n", &["1: LG707"]),
    ("a build", "docker build --gpus all -t x .\n", &["1: LG708"]),
    ("a build for a GPU", "docker build --build-arg GPUS=all -t x .\n", &[]),
    ("exec", "docker exec --gpus all x nvidia-smi\n", &["1: LG708"]),
    ("exec's program", "docker exec x train --gpus all\n", &[]),
    ("compose", "docker compose up --gpus all\n", &["1: LG708"]),
    ("compose's program", "docker compose run a train --gpus all\n", &[]),
    ("two choices", "docker run --gpus device=0 -e NVIDIA_VISIBLE_DEVICES=1 x/y:1\n", &["1: LG709"]),
    ("the same choice", "docker run --gpus device=0 -e NVIDIA_VISIBLE_DEVICES=0 x/y:1\n", &[]),
    ("one dash", "docker run -rm -gpus all x/y:1\n", &["1: LG710", "1: LG710"]),
    ("letters", "docker run -it -p80:80 -v/a:/b -d x/y:1\n", &[]),
    ("one dash, and letters all the same", "docker run -ipc=host x/y:1\n", &["1: LG710"]),
    ("a long dash", "docker run –gpus all x/y:1\n", &["1: LG710"]),
    ("misspelt", "docker run --gpu all x/y:1\n", &["1: LG710"]),
    ("nodes", "docker run --device /dev/nvidia0:/dev/nvidia0 x/y:1\n", &["1: LG711"]),
    ("nodes beside a request, collected", "FLAGS=\"--gpus all\"\nFLAGS=\"$FLAGS --device=/dev/nvidia0\"\ndocker run $FLAGS x/y:1\n", &["3: LG711"]),
    ("a channel of IMEX", "docker run --gpus all --device /dev/nvidia-caps-imex-channels/channel0 x/y:1\n", &[]),
    ("on the processor", "docker run x/y:1-cuda12 --device cpu\n", &[]),
    ("a library", "docker run -v /usr/lib/x86_64-linux-gnu/libcuda.so.1:/usr/lib/libcuda.so.1 x/y:1\n", &["1: LG711"]),
    ("nodes, collected", "export DEVICES=$(ls /dev/nvidia* | xargs -I{} echo '--device {}:{}')\ndocker run $DEVICES x/y:1\n", &["2: LG711"]),
    ("the runtime and a plain image", "docker run --runtime=nvidia ubuntu:24.04 nvidia-smi\n", &["1: LG712"]),
    ("the runtime and CUDA's variable", "docker run --runtime=nvidia -e CUDA_VISIBLE_DEVICES=0 x/y:1\n", &["1: LG712"]),
    ("the runtime and its variable", "docker run --runtime=nvidia -e NVIDIA_VISIBLE_DEVICES=0 ubuntu:24.04\n", &[]),
    ("the runtime and an image of CUDA", "docker run --runtime=nvidia nvidia/cuda:12.9.2-base-ubuntu24.04 nvidia-smi\n", &[]),
    ("a comment before the image", "docker run --rm \\\n  # the image\n  x/y:1\n", &["2: LG713"]),
    ("a comment before an option", "docker run --rm x/y:1 \\\n  # more\n  --port 80\n", &["2: LG713"]),
    ("a comment behind all", "docker run --rm x/y:1 \\\n  # that is all\n\necho done\n", &[]),
    ("a comment behind a backslash", "docker run --gpus=all \\ # all\n  x/y:1\n", &["1: LG713"]),
    ("a blank behind a backslash", "docker run --gpus=all \\ \n  x/y:1\n", &["1: LG713"]),
    ("a number sign in a word", "docker run --rm x/y:1 \\\n  a#b\n", &[]),
    ("a program in its place", "docker run --rm --gpus all nvidia-smi\n", &["1: LG714"]),
    ("a shell in its place", "docker run --gpus all bash x/y:1 -c ls\n", &["1: LG714"]),
    ("an image with that name", "docker run python:3.12 python -V\ndocker run bash bash -c ls\n", &[]),
    ("before run", "docker --rm run x/y:1\n", &["1: LG716"]),
    ("docker's own options", "docker -H tcp://a:1 --context b run x/y:1\n", &[]),
    ("CUDA sees none", "docker run --gpus all -e CUDA_VISIBLE_DEVICES=all x/y:1\n", &["1: LG627"]),
    ("renumbered", "docker run --gpus device=2 -e CUDA_VISIBLE_DEVICES=2 x/y:1\n", &["1: LG628"]),
    ("renumbered, whatever it is", "docker run --gpus \"device=${CUDA_VISIBLE_DEVICES:-all}\" -e CUDA_VISIBLE_DEVICES x/y:1\n", &["1: LG628"]),
    ("no such capability", "docker run --gpus all,capabilities=all x/y:1\n", &["1: LG617"]),
    ("too few capabilities", "docker run --gpus all,capabilities=video x/y:1\n", &["1: LG618"]),
    ("an image that is gone", "docker pull nvidia/cuda:10.2-base\n", &["1: LG102"]),
    ("an image to be replaced", "docker run --gpus all nvidia/cuda:YY.MM\ndocker run --gpus all 'nvidia/cuda:<tag>'\ndocker run --gpus all nvidia/cuda:{TAG}\n", &[]),
    ("not an engine", "echo docker run --gpus 0 x\n", &[]),
];

#[rustfmt::skip]
const READMES: &[Row] = &[
    ("in a line", "Try `docker run --rm --gpus all nvidia/cuda:11.8.0-base nvidia-smi`.\n", &["1: LG101"]),
    ("in a line, with an engine's name alone", "The option `--gpus 0`, and `docker`.\n", &[]),
    ("in a comment", "<!-- `docker run --gpus 0 x/y:1` -->\n", &[]),
    ("in a block", "```sh\n$ docker run --gpus 0 x/y:1\n```\n", &["2: LG705"]),
    ("behind a comment", "<!-- a -->\n    docker run --gpus 0 x/y:1\n", &["2: LG705"]),
    ("YAML with an ellipsis", "```yaml\nservices:\n  a:\n    ...\n    gpus: [{count: 1, device_ids: ['0']}]\n```\n", &["5: LG602"]),
    ("output", "```\n$ docker info\ndocker run --gpus 0 x/y:1\n```\n", &[]),
];

#[test]
fn scripts() {
    check(Language::Shell, SCRIPTS);
}

#[test]
fn readmes() {
    check(Language::Markdown, READMES);
}

#[test]
fn each_rule_has_a_row() {
    covers("LG7", &[SCRIPTS, READMES]);
}
