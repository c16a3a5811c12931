//! Compose files.

use super::{Row, check, covers};
use liftgate_lint::Language;

/// A service with these lines, and with these lines in one of its reservations.
macro_rules! reserved {
    ($request:literal) => {
        concat!("services:\n  a:\n    image: x/y:1\n    deploy:\n      resources:\n        reservations:\n          devices:\n            - ", $request, "\n")
    };
}

macro_rules! service {
    ($lines:literal) => {
        concat!("services:\n  a:\n    image: x/y:1\n", $lines, "\n")
    };
}

#[rustfmt::skip]
pub(super) const REQUESTS: &[Row] = &[
    ("right", reserved!("{driver: nvidia, count: 1, capabilities: [gpu]}"), &[]),
    ("no driver", reserved!("{capabilities: [gpu]}"), &[]),
    ("no capabilities", reserved!("{driver: nvidia, count: 1}"), &["8: LG601"]),
    ("no capabilities under gpus", service!("    gpus: [{count: 1}]"), &[]),
    ("no capabilities, and no driver", reserved!("{capabilities: []}"), &["8: LG601"]),
    ("no capabilities, but a driver", reserved!("{driver: nvidia, capabilities: []}"), &[]),
    ("torn apart", "services:\n  a:\n    image: x/y:1\n    deploy:\n      resources:\n        reservations:\n          devices:\n            - driver: nvidia\n            - count: 1\n            - capabilities: [gpu]\n", &["8: LG601"]),
    ("two requests", "services:\n  a:\n    image: x/y:1\n    deploy:\n      resources:\n        reservations:\n          devices:\n            - {driver: nvidia, device_ids: ['0'], capabilities: [gpu]}\n            - {driver: nvidia, device_ids: ['1'], capabilities: [gpu]}\n", &[]),
    ("by an alias", "x-gpu: &gpu {driver: nvidia, count: all}\nservices:\n  a:\n    image: x/y:1\n    deploy:\n      resources:\n        reservations:\n          devices: [*gpu]\n", &["8: LG601"]),
    ("merged in", "x-gpu: &gpu {capabilities: [gpu]}\nservices:\n  a:\n    image: x/y:1\n    deploy:\n      resources:\n        reservations:\n          devices: [{<<: *gpu, count: all}]\n", &[]),
    ("count and ids", reserved!("{count: 1, device_ids: ['0'], capabilities: [gpu]}"), &["8: LG602"]),
    ("count and ids under gpus", service!("    gpus: [{count: 1, device_ids: ['0']}]"), &["4: LG602"]),
    ("one of them is nothing", reserved!("{count: 1, device_ids: null, capabilities: [gpu]}"), &[]),
    ("other drivers", reserved!("{driver: rocm, count: 1, capabilities: [gpu]}"), &["8: LG605"]),
    ("the driver amd", reserved!("{driver: amd, count: 1, capabilities: [gpu]}"), &[]),
    ("a driver by a variable", reserved!("{driver: '${DRIVER}', count: 1, capabilities: [gpu]}"), &[]),
    ("a driver by a default", reserved!("{driver: '${DRIVER:-nvidia}', count: 1, capabilities: [gpu]}"), &[]),
    ("misspelt", reserved!("{driver: nvidia, device_id: ['0'], capabilities: [gpu]}"), &["8: LG604"]),
    ("an extension", reserved!("{driver: nvidia, x-note: first, capabilities: [gpu]}"), &[]),
    ("ids are no list", reserved!("{device_ids: '0', capabilities: [gpu]}"), &["8: LG609"]),
    ("ids by a variable", reserved!("{device_ids: ['${GPU:-0}'], capabilities: [gpu]}"), &[]),
    ("ids are numbers", reserved!("{device_ids: [0, 1], capabilities: [gpu]}"), &["8: LG609"]),
    ("several in one", reserved!("{device_ids: ['0,1'], capabilities: [gpu]}"), &["8: LG609"]),
    ("twice", reserved!("{device_ids: ['0', '0'], capabilities: [gpu]}"), &["8: LG609"]),
    ("a UUID, all, and an instance", reserved!("{device_ids: ['GPU-3a23c669-1f69-c64e-cf85-44e9b07e7a2a', 'all', '0:1'], capabilities: [gpu]}"), &[]),
    ("the dollar sign is missing", reserved!("{device_ids: ['{GPU:-0}'], capabilities: [gpu]}"), &["8: LG609"]),
    ("a variable's name", reserved!("{device_ids: [GPU_ID], capabilities: [gpu]}"), &["8: LG609"]),
    ("to be replaced", reserved!("{device_ids: ['<id>'], capabilities: [gpu]}"), &[]),
    ("unknown capability", reserved!("{capabilities: [gpu, cuda]}"), &["8: LG617"]),
    ("unknown capability, with a driver", reserved!("{driver: nvidia, capabilities: [gpu, ngx]}"), &[]),
    ("parts of the driver alone", reserved!("{driver: nvidia, count: 1, capabilities: [compute, utility]}"), &[]),
    ("another device", reserved!("{capabilities: [tpu]}"), &[]),
    ("capabilities are no list", reserved!("{capabilities: gpu}"), &["8: LG617"]),
    ("a list of lists", reserved!("{capabilities: [[gpu]]}"), &["8: LG617"]),
    ("no CUDA", reserved!("{driver: nvidia, capabilities: [gpu, utility]}"), &["8: LG618"]),
    ("all that CUDA needs", reserved!("{driver: nvidia, capabilities: [gpu, compute, utility]}"), &[]),
    ("names it twice", reserved!("{driver: nvidia, capabilities: [gpu, nvidia]}"), &[]),
    ("other drivers do not look", reserved!("{driver: cdi, device_ids: [nvidia.com/gpu=all], capabilities: [gpu, utility]}"), &[]),
    ("cdi with a count", reserved!("{driver: cdi, count: 1, capabilities: [gpu]}"), &["8: LG619"]),
    ("cdi without ids", reserved!("{driver: cdi, capabilities: [gpu]}"), &["8: LG619"]),
    ("cdi with an index", reserved!("{driver: cdi, device_ids: ['0'], capabilities: [gpu]}"), &["8: LG619"]),
    ("cdi with options", reserved!("{driver: cdi, device_ids: [nvidia.com/gpu=0], options: {a: b}, capabilities: [gpu]}"), &["8: LG619"]),
    ("an empty list", service!("    gpus: []"), &["4: LG625"]),
    ("an empty list that resets", service!("    gpus: !reset []"), &[]),
    ("a short number", service!("    gpus: 2"), &["4: LG629"]),
    ("short and right", service!("    gpus: all"), &[]),
    ("short by a default", service!("    gpus: ${GPUS:-all}"), &[]),
    ("short by a variable", service!("    gpus: ${GPUS}"), &[]),
    ("no number", reserved!("{count: two, capabilities: [gpu]}"), &["8: LG629"]),
    ("a count by a variable", reserved!("{count: '${N:-1}', capabilities: [gpu]}"), &[]),
    ("none on purpose", reserved!("{count: 0, capabilities: [gpu]}"), &[]),
];

#[rustfmt::skip]
pub(super) const SERVICES: &[Row] = &[
    ("below limits", "services:\n  a:\n    image: x/y:1\n    deploy:\n      resources:\n        limits:\n          devices: [{capabilities: [gpu]}]\n", &["7: LG603"]),
    ("among nodes", service!("    devices:\n      - driver: nvidia\n        count: 1\n        capabilities: [gpu]"), &["4: LG603"]),
    ("gpu", service!("    gpu: all"), &["4: LG603"]),
    ("at the top", "services:\n  a:\n    image: x/y:1\ndeploy:\n  resources:\n    reservations:\n      devices: [{capabilities: [gpu]}]\n", &["4: LG603"]),
    ("limits of memory are right", service!("    deploy:\n      resources:\n        limits: {memory: 8g}"), &[]),
    ("resources of nobody's devices", service!("    resources:\n      limits: {memory: 8g}"), &[]),
    ("nvidia-smi", service!("    command: nvidia-smi"), &["4: LG606"]),
    ("nvidia-smi, extended", "services:\n  a:\n    extends: {file: gpu.yaml, service: b}\n    command: nvidia-smi\n", &[]),
    ("nvidia-smi in a health check", service!("    healthcheck: {test: [CMD, nvidia-smi]}"), &[]),
    ("an image for GPUs", "services:\n  a:\n    image: tensorflow/tensorflow:2.16.1-gpu\n", &["3: LG606"]),
    ("beside one that has one", "services:\n  a:\n    image: tensorflow/tensorflow:2.16.1-gpu\n  b:\n    image: tensorflow/tensorflow:2.16.1-gpu\n    gpus: all\n", &[]),
    ("an image that is built", "services:\n  a:\n    build: .\n    image: x/y:1-gpu\n", &[]),
    ("an image for others", "services:\n  a:\n    image: x/y:latest-gpu-intel\n", &[]),
    ("on a Jetson", "services:\n  a:\n    image: dustynv/l4t-pytorch:r36.2.0\n    runtime: nvidia\n", &[]),
    ("another maker's nodes", "services:\n  a:\n    image: x/y:gpu\n    devices: [/dev/dri]\n", &[]),
    ("eight bytes", service!("    shm_size: 8"), &["4: LG607"]),
    ("below what Docker gives", service!("    gpus: all\n    shm_size: 32m"), &["5: LG607"]),
    ("of the build", "services:\n  a:\n    build: {context: ., shm_size: 8gb}\n    gpus: all\n", &["3: LG607"]),
    ("of both", "services:\n  a:\n    build: {context: ., shm_size: 8gb}\n    shm_size: 8gb\n    gpus: all\n", &[]),
    ("on tmpfs", "services:\n  a:\n    image: nvcr.io/nvidia/pytorch:24.05-py3\n    gpus: all\n    tmpfs: /dev/shm\n", &[]),
    ("the host's", "services:\n  a:\n    image: nvcr.io/nvidia/pytorch:24.05-py3\n    gpus: all\n    ipc: host\n", &[]),
    ("a server of one process", "services:\n  a:\n    image: vllm/vllm-openai:v0.6.0\n    gpus: all\n", &[]),
    ("a server of several", "services:\n  a:\n    image: vllm/vllm-openai:v0.6.0\n    gpus: all\n    command: --model x --tensor-parallel-size 2\n", &["3: LG607"]),
    ("without a GPU", "services:\n  a:\n    image: pytorch/pytorch:2.4.0\n", &[]),
    ("RDMA", service!("    devices: [/dev/infiniband]"), &["4: LG608"]),
    ("RDMA, unlimited", service!("    devices: [/dev/infiniband]\n    ulimits: {memlock: {soft: -1, hard: -1}}"), &[]),
    ("RDMA, limited", service!("    devices: [/dev/infiniband]\n    ulimits: {memlock: 65536}"), &["5: LG608"]),
    ("RDMA, with a capability", service!("    devices: [/dev/infiniband]\n    cap_add: [IPC_LOCK]"), &[]),
    ("the variable alone", service!("    environment: [NVIDIA_VISIBLE_DEVICES=all]"), &["4: LG610"]),
    ("the variable says none", service!("    environment: [NVIDIA_VISIBLE_DEVICES=void]"), &[]),
    ("the variable and the runtime", service!("    environment: [NVIDIA_VISIBLE_DEVICES=all]\n    runtime: nvidia"), &[]),
    ("the variable and a runtime by a variable", service!("    environment: [NVIDIA_VISIBLE_DEVICES=all]\n    runtime: ${RUNTIME:-runc}"), &[]),
    ("two choices", service!("    environment: [NVIDIA_VISIBLE_DEVICES=1]\n    gpus: [{device_ids: ['0']}]"), &["4: LG611"]),
    ("the same choice", service!("    environment: ['NVIDIA_VISIBLE_DEVICES=1,0']\n    gpus: [{device_ids: ['0', '1']}]"), &[]),
    ("a choice that may be the same", service!("    environment: [NVIDIA_VISIBLE_DEVICES=GPU-3a23c669]\n    gpus: [{device_ids: ['0']}]"), &[]),
    ("all of both", service!("    environment: [NVIDIA_VISIBLE_DEVICES=all]\n    gpus: all"), &[]),
    ("nodes", service!("    devices: ['/dev/nvidia0:/dev/nvidia0', /dev/nvidiactl]"), &["4: LG612"]),
    ("a CDI name", service!("    devices: [nvidia.com/gpu=all]"), &[]),
    ("a library", service!("    gpus: all\n    volumes: ['/usr/lib/x86_64-linux-gnu/libcuda.so.1:/usr/lib/libcuda.so.1:ro']"), &["5: LG612"]),
    ("privileged", service!("    privileged: true\n    gpus: [{count: 1}]"), &["4: LG613"]),
    ("privileged, all", service!("    privileged: true\n    gpus: all"), &[]),
    ("not privileged", service!("    privileged: false\n    gpus: [{count: 1}]"), &[]),
    ("runtime and one", service!("    runtime: nvidia\n    gpus: [{count: 1}]"), &["4: LG614"]),
    ("runtime and all", service!("    runtime: nvidia\n    gpus: all"), &[]),
    ("an old version", "version: '3.8'\nservices:\n  a:\n    image: x/y:1\n    runtime: nvidia\n", &["5: LG615"]),
    ("a version that has it", "version: '2.4'\nservices:\n  a:\n    image: x/y:1\n    runtime: nvidia\n", &[]),
    ("no swarm", service!("    deploy:\n      resources:\n        reservations:\n          generic_resources: [{discrete_resource_spec: {kind: gpu, value: 1}}]"), &["7: LG616"]),
    ("a swarm", service!("    deploy:\n      placement: {constraints: [node.role == worker]}\n      resources:\n        reservations:\n          generic_resources: [{discrete_resource_spec: {kind: gpu, value: 1}}]"), &[]),
    ("a swarm, none", service!("    deploy:\n      mode: global\n      resources:\n        reservations:\n          generic_resources: [{discrete_resource_spec: {kind: gpu, value: 0}}]"), &["8: LG616"]),
    ("replicas", service!("    deploy:\n      replicas: 2\n      resources:\n        reservations:\n          devices: [{count: 1, capabilities: [gpu]}]"), &["8: LG626"]),
    ("replicas with all", service!("    deploy:\n      replicas: 2\n      resources:\n        reservations:\n          devices: [{count: all, capabilities: [gpu]}]"), &[]),
    ("two services", "services:\n  a:\n    image: x/y:1\n    gpus: [{count: 1}]\n  b:\n    image: x/y:2\n    gpus: [{count: 1}]\n", &["7: LG626"]),
    ("two services, one of them on demand", "services:\n  a:\n    image: x/y:1\n    gpus: [{count: 1}]\n  b:\n    image: x/y:2\n    profiles: [b]\n    gpus: [{count: 1}]\n", &[]),
    ("CUDA sees none", service!("    gpus: all\n    environment: {CUDA_VISIBLE_DEVICES: all}"), &["5: LG627"]),
    ("hidden on purpose", service!("    gpus: all\n    environment: {CUDA_VISIBLE_DEVICES: ''}"), &[]),
    ("quotes in a list", service!("    gpus: all\n    environment:\n      - CUDA_VISIBLE_DEVICES=\"0\""), &["6: LG627"]),
    ("quotes in a mapping", service!("    gpus: all\n    environment:\n      CUDA_VISIBLE_DEVICES: \"0\""), &[]),
    ("renumbered", service!("    gpus: [{device_ids: ['1']}]\n    environment: {CUDA_VISIBLE_DEVICES: 1}"), &["5: LG628"]),
    ("within what it has", service!("    gpus: [{device_ids: ['1', '3']}]\n    environment: {CUDA_VISIBLE_DEVICES: '1'}"), &[]),
    ("an image that never was", "services:\n  a:\n    image: nvidia/cuda:11.8.0-base\n    gpus: all\n", &["3: LG101"]),
    ("an image that is gone", "services:\n  a:\n    image: nvidia/cuda:10.2-base\n    gpus: all\n", &["3: LG102"]),
    ("an image that is superseded", "services:\n  a:\n    image: nvidia/cuda:12.4.0-base-ubuntu22.04\n    gpus: all\n", &["3: LG103"]),
    ("an image without a tag", "services:\n  a:\n    image: nvidia/cuda\n    gpus: all\n", &["3: LG104"]),
    ("the name of what is built", "services:\n  a:\n    build: .\n    image: nvidia/cuda:mine\n    gpus: all\n", &[]),
    ("an image by a variable", "services:\n  a:\n    image: nvidia/cuda:${TAG}\n    gpus: all\n", &[]),
    ("an image by a default", "services:\n  a:\n    image: nvidia/cuda:${TAG:-11.8.0-base}\n    gpus: all\n", &["3: LG101"]),
];

#[test]
fn requests() {
    check(Language::Compose, REQUESTS);
}

#[test]
fn services() {
    check(Language::Compose, SERVICES);
}

#[test]
fn each_rule_has_a_row() {
    covers("LG6", &[REQUESTS, SERVICES, super::devcontainer::ROWS]);
}
