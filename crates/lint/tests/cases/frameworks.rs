//! Frameworks and their wheels. A row says what is found of this family, and where: `LINE: CODE`.

use super::{Row, covers};
use liftgate_lint::{Language, Settings, Target, lint};

fn check(rows: &[Row], target: &Target) {
    let settings = Settings {
        pedantic: true,
        target: target.clone(),
        ..Settings::default()
    };
    let mut mistakes = Vec::new();
    for (name, text, expected) in rows {
        let found: Vec<String> = lint(text, Language::Dockerfile, &settings)
            .iter()
            .filter(|finding| finding.code.starts_with("LG5"))
            .map(|finding| {
                format!(
                    "{}: {}",
                    text[..finding.span.start].matches('\n').count() + 1,
                    finding.code
                )
            })
            .collect();
        if found != *expected {
            mistakes.push(format!("{name}: {found:?}, and not {expected:?}\n{text}"));
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

#[rustfmt::skip]
const TORCH: &[Row] = &[
    ("for the processor by label", "FROM nvidia/cuda:12.9.2-base-ubuntu22.04\nRUN pip install torch==2.8.0+cpu\n", &["2: LG501"]),
    ("for the processor by uv", "FROM nvidia/cuda:12.9.2-base-ubuntu22.04\nRUN uv pip install --torch-backend cpu torch==2.8.0\n", &["2: LG501"]),
    ("for the processor by an extra index", "FROM nvidia/cuda:12.9.2-base-ubuntu22.04\nRUN pip install torch==2.8.0 --extra-index-url https://download.pytorch.org/whl/cpu\n", &["2: LG501"]),
    ("for the processor by conda", "FROM pytorch/pytorch:2.4.0-cuda12.1-cudnn9-runtime\nRUN conda install -y pytorch cpuonly -c pytorch\n", &["2: LG501"]),
    ("for the processor, as the stage says", "FROM nvidia/cuda:12.9.2-base-ubuntu22.04 AS cpu\nRUN pip install torch==2.8.0+cpu\n", &[]),
    ("for the processor, as the image says", "FROM python:3.12-slim\nRUN pip install torch==2.8.0+cpu\n", &[]),
    ("for the processor or not", "FROM nvidia/cuda:12.9.2-base-ubuntu22.04\nARG D=gpu\nRUN if [ $D = cpu ]; then pip install torch==2.8.0+cpu; else pip install torch==2.8.0+cu128; fi\n", &[]),
    ("for the processor, and then not", "FROM nvidia/cuda:12.9.2-base-ubuntu22.04\nRUN pip install torch==2.8.0+cpu\nRUN pip install torch==2.8.0+cu128\n", &["3: LG507"]),
    ("an index that is a variable", "FROM nvidia/cuda:12.9.2-base-ubuntu22.04\nARG INDEX\nRUN pip install torch==2.8.0 --index-url https://download.pytorch.org/whl/${INDEX}\n", &[]),
    ("asked for GPUs by a variable", "FROM python:3.12-slim\nENV NVIDIA_VISIBLE_DEVICES=all\nRUN pip install torch==2.8.0+cpu\n", &["3: LG501"]),
    ("an index in the environment", "FROM nvidia/cuda:11.8.0-base-ubuntu22.04\nENV PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cu118\nRUN pip install torch\n", &[]),
    ("the image's torch is replaced", "FROM pytorch/pytorch:2.4.0-cuda12.1-cudnn9-devel\nRUN pip install torch==2.5.1\n", &["2: LG507"]),
    ("the image's torch, the same", "FROM pytorch/pytorch:2.4.0-cuda12.1-cudnn9-devel\nRUN pip install torch==2.4.0\n", &[]),
    ("the image's torch, any version", "FROM pytorch/pytorch:2.4.0-cuda12.1-cudnn9-devel\nRUN pip install torch torchvision timm\n", &[]),
    ("the image's torch, taken away on purpose", "FROM nvcr.io/nvidia/pytorch:24.05-py3\nRUN pip uninstall -y torch && pip install torch==2.4.0\n", &[]),
    ("replaced by a sibling", "FROM pytorch/pytorch:2.4.0-cuda12.1-cudnn9-devel\nRUN pip install torchvision==0.20.1\n", &["2: LG507"]),
    ("a sibling without its needs", "FROM pytorch/pytorch:2.4.0-cuda12.1-cudnn9-devel\nRUN pip install --no-deps torchvision==0.20.1\n", &[]),
    ("an own torch is replaced", "FROM python:3.11\nRUN pip install torch==2.0.1\nRUN pip install vllm\n", &["3: LG507"]),
    ("a pinned vLLM may want the same", "FROM python:3.11\nRUN pip install torch==2.5.1\nRUN pip install vllm==0.6.6\n", &[]),
    ("SGLang with what it runs on", "FROM nvcr.io/nvidia/pytorch:24.05-py3\nRUN pip install 'sglang[all]==0.4.8'\n", &["2: LG507"]),
    ("SGLang's language alone", "FROM nvcr.io/nvidia/pytorch:24.05-py3\nRUN pip install sglang==0.4.8\n", &[]),
    ("both in one command", "FROM python:3.11\nRUN pip install torch==2.5.1 vllm\n", &[]),
    ("into another directory", "FROM nvcr.io/nvidia/pytorch:24.05-py3\nRUN pip install --target /opt/x torch==2.4.0\n", &[]),
    ("dead weight", "FROM nvidia/cuda:12.9.2-runtime-ubuntu22.04\nRUN pip install torch==2.8.0\n", &["2: LG509"]),
    ("used by others", "FROM nvidia/cuda:12.9.2-runtime-ubuntu22.04\nRUN pip install torch==2.8.0 cupy-cuda12x\n", &[]),
    ("no such index", "FROM python:3.12\nRUN pip install torch --extra-index-url https://download.pytorch.org/whl/cu125\n", &["2: LG510"]),
    ("no such index, by a dot", "FROM python:3.12\nRUN pip install torch --index-url https://download.pytorch.org/whl/nightly/12.1\n", &["2: LG510"]),
    ("indices of others", "FROM python:3.12\nRUN pip install torch --index-url https://download.pytorch.org/whl/rocm6.2\nRUN pip install x -f https://download.pytorch.org/whl/torch_stable.html\nRUN pip install x --index-url https://example.org/whl/cu1\n", &[]),
    ("an index that the shell computes", "FROM python:3.12\nRUN pip install torch --index-url https://download.pytorch.org/whl/cu$(echo 128)\n", &[]),
    ("an index of the future", "FROM python:3.12\nRUN pip install torch --index-url https://download.pytorch.org/whl/cu133\n", &[]),
    ("a release without that CUDA", "FROM python:3.11\nRUN pip install torch==2.0.1 --index-url https://download.pytorch.org/whl/cu121\n", &["2: LG510"]),
    ("a release whose list may not be whole", "FROM python:3.12\nRUN pip install torch==2.9.1 --index-url https://download.pytorch.org/whl/cu129\n", &[]),
    ("an extra index that loses", "FROM nvidia/cuda:11.8.0-base-ubuntu22.04\nRUN pip3 install torch --extra-index-url https://download.pytorch.org/whl/cu118\n", &["2: LG513"]),
    ("an extra index that wins by its label", "FROM nvidia/cuda:11.8.0-base-ubuntu20.04\nRUN pip3 install torch --extra-index-url https://download.pytorch.org/whl/cu118\n", &[]),
    ("an extra index for a version", "FROM nvidia/cuda:11.8.0-base-ubuntu22.04\nRUN pip3 install torch==2.7.1 --extra-index-url https://download.pytorch.org/whl/cu118\n", &[]),
    ("uv takes the extra index", "FROM nvidia/cuda:11.8.0-base-ubuntu22.04\nRUN uv pip install torch --extra-index-url https://download.pytorch.org/whl/cu118\n", &[]),
    ("another Python than the distribution's", "FROM nvidia/cuda:11.8.0-base-ubuntu20.04\nRUN apt-get install -y python3.11\nRUN pip3 install torch --extra-index-url https://download.pytorch.org/whl/cu118\n", &[]),
    ("siblings of other releases", "FROM python:3.11\nRUN pip install torch==2.4.1 torchvision==0.18.1 torchaudio==2.3.1\n", &["2: LG514", "2: LG514"]),
    ("siblings with other labels", "FROM python:3.11\nRUN pip install torch==2.4.1+cu121 torchvision==0.19.1+cu118\n", &["2: LG514"]),
    ("siblings that belong together", "FROM python:3.11\nRUN pip install torch==1.13.1 torchvision==0.14.1 torchaudio==0.13.1\nRUN pip install torch==2.12.0 torchvision==0.27.0 torchaudio==2.11.0\n", &["3: LG507"]),
    ("a Python that is too new", "FROM python:3.12-slim\nRUN pip install torch==2.1.2\n", &["2: LG515"]),
    ("a Python that is too old", "FROM nvidia/cuda:12.9.2-base-ubuntu20.04\nRUN pip3 install torch==2.6.0\n", &["2: LG515"]),
    ("a Python by its command", "FROM nvidia/cuda:12.9.2-base-ubuntu20.04\nRUN apt-get install -y python3.10\nRUN python3.10 -m pip install torch==2.6.0\n", &[]),
    ("a Python that is not known", "FROM python:3\nRUN pip install torch==2.1.2\n", &[]),
    ("packages of PyPI's", "FROM python:3.12\nRUN pip install torch==2.8.0 gradio --index-url https://download.pytorch.org/whl/cu128\n", &["2: LG516"]),
    ("packages that both have", "FROM python:3.12\nRUN pip install torch==2.8.0 numpy tqdm transformers fastapi --index-url https://download.pytorch.org/whl/cu128\n", &[]),
    ("packages that are there already", "FROM python:3.12\nRUN pip install gradio\nRUN pip install torch==2.8.0 gradio --index-url https://download.pytorch.org/whl/cu128\n", &[]),
    ("packages of PyPI's, with PyPI", "FROM python:3.12\nRUN pip install torch==2.8.0 gradio --index-url https://download.pytorch.org/whl/cu128 --extra-index-url https://pypi.org/simple\n", &[]),
    ("conda without CUDA", "FROM nvcr.io/nvidia/rapidsai/base:24.04-cuda12.2-py3.11\nRUN conda install -y -c pytorch pytorch\n", &["2: LG518"]),
    ("conda with CUDA", "FROM nvcr.io/nvidia/rapidsai/base:24.04-cuda12.2-py3.11\nRUN conda install -y -c pytorch pytorch pytorch-cuda=12.1\nRUN conda install -y pytorch=2.0=py3.10_cuda11.7_cudnn8.5.0_0\n", &[]),
    ("conda on no image for GPUs", "FROM continuumio/miniconda3\nRUN conda install -y pytorch\n", &[]),
    ("any torch in an image of CUDA 11", "FROM nvidia/cuda:11.8.0-devel-ubuntu22.04\nRUN pip install torch\n", &["2: LG519"]),
    ("any torch in another image of CUDA 12", "FROM nvcr.io/nvidia/cuda-dl-base:24.09-cuda12.6-devel-ubuntu22.04\nRUN pip install torch torchvision\n", &["2: LG519"]),
    ("any torch for an old Python", "FROM nvidia/cuda:12.9.2-devel-ubuntu20.04\nRUN pip install torch\n", &[]),
    ("any torch in an image of CUDA 13", "FROM nvidia/cuda:13.0.3-devel-ubuntu22.04\nRUN pip install torch\n", &[]),
    ("an extension for another CUDA", "FROM nvidia/cuda:12.4.1-devel-ubuntu22.04\nRUN pip install torch==2.1.2+cu118\nRUN pip install flash-attn\n", &["3: LG520"]),
    ("an extension for the same CUDA", "FROM nvidia/cuda:12.4.1-devel-ubuntu22.04\nRUN pip install torch==2.1.2\nRUN pip install flash-attn\n", &[]),
    ("an extension with another toolkit", "FROM nvidia/cuda:12.4.1-devel-ubuntu22.04\nRUN apt-get install -y cuda-toolkit-11-8\nRUN pip install torch==2.1.2+cu118\nRUN pip install flash-attn\n", &[]),
    ("an extension that is a wheel", "FROM nvidia/cuda:12.4.1-devel-ubuntu22.04\nRUN pip install torch==2.1.2+cu118\nRUN pip install torch-scatter -f https://data.pyg.org/whl/torch-2.1.2+cu118.html\n", &[]),
];

#[rustfmt::skip]
const OTHERS: &[Row] = &[
    ("TensorFlow without cuDNN", "FROM nvidia/cuda:12.9.2-runtime-ubuntu22.04\nRUN pip install tensorflow==2.18.0\n", &["2: LG504"]),
    ("TensorFlow with its own", "FROM nvidia/cuda:12.9.2-runtime-ubuntu22.04\nRUN pip install 'tensorflow[and-cuda]==2.18.0'\n", &[]),
    ("TensorFlow with cuDNN by apt", "FROM nvidia/cuda:12.9.2-runtime-ubuntu22.04\nRUN apt-get install -y libcudnn9-cuda-12\nRUN pip install tensorflow==2.18.0\n", &[]),
    ("TensorFlow beside PyTorch", "FROM pytorch/pytorch:2.4.0-cuda12.1-cudnn9-runtime\nRUN pip install tensorflow\n", &["2: LG504"]),
    ("TensorFlow for nobody's GPU", "FROM python:3.12\nRUN pip install tensorflow\n", &[]),
    ("the old package", "FROM python:3.8\nRUN pip install tensorflow-gpu==2.12.0\n", &["2: LG505"]),
    ("the old package when it was one", "FROM python:3.8\nRUN pip install tensorflow-gpu==2.10.0\nRUN pip install 'tensorflow-gpu<2.11'\n", &[]),
    ("onnxruntime", "FROM nvidia/cuda:12.9.2-cudnn-runtime-ubuntu22.04\nRUN pip install onnxruntime\n", &["2: LG506"]),
    ("onnxruntime and its sibling", "FROM nvidia/cuda:12.9.2-cudnn-runtime-ubuntu22.04\nRUN pip install onnxruntime && pip uninstall -y onnxruntime && pip install onnxruntime-gpu==1.22.0\n", &[]),
    ("JAX without its plugin", "FROM nvidia/cuda:12.9.2-cudnn-runtime-ubuntu22.04\nRUN pip install --upgrade jax jaxlib\n", &["2: LG508"]),
    ("JAX with its plugin", "FROM nvidia/cuda:12.9.2-cudnn-runtime-ubuntu22.04\nRUN pip install jax\nRUN pip install jax-cuda12-plugin\n", &[]),
    ("JAX of Google's wheels", "FROM nvidia/cuda:11.2.2-cudnn8-runtime-ubuntu20.04\nRUN pip install jaxlib==0.1.65+cuda112 -f https://storage.googleapis.com/jax-releases/jax_releases.html\nRUN pip install jax==0.2.17\n", &[]),
    ("an extra that is gone", "FROM python:3.11\nRUN pip install 'jax[cuda11_pip]'\n", &["2: LG508"]),
    ("an extra that the old release had", "FROM python:3.11\nRUN pip install 'jax[cuda11_pip]==0.4.20'\n", &[]),
    ("TensorFlow for another cuDNN", "FROM nvidia/cuda:12.4.1-cudnn-runtime-ubuntu22.04\nRUN pip install tensorflow==2.16.1\n", &["2: LG511"]),
    ("TensorFlow for another CUDA", "FROM nvidia/cuda:12.2.2-cudnn8-runtime-ubuntu22.04\nRUN pip install tensorflow==2.13.0\n", &["2: LG511"]),
    ("TensorFlow that fits", "FROM nvidia/cuda:11.8.0-cudnn8-runtime-ubuntu22.04\nRUN pip install tensorflow==2.13.0\n", &[]),
    ("TensorFlow by range", "FROM nvidia/cuda:11.8.0-cudnn8-runtime-ubuntu22.04\nRUN pip install 'tensorflow<2.14'\n", &[]),
    ("CuPy for another CUDA", "FROM nvidia/cuda:11.8.0-runtime-ubuntu22.04\nRUN pip install cupy-cuda12x==13.3.0\n", &["2: LG512"]),
    ("CuPy with libraries of its own", "FROM nvidia/cuda:11.8.0-runtime-ubuntu22.04\nRUN pip install cupy-cuda12x nvidia-cublas-cu12\n", &[]),
    ("mmcv for another CUDA", "FROM pytorch/pytorch:1.13.0-cuda11.6-cudnn8-devel\nRUN pip install mmcv-full -f https://download.openmmlab.com/mmcv/dist/cu117/torch1.13/index.html\n", &["2: LG512"]),
    ("mmcv for the image", "FROM pytorch/pytorch:1.13.0-cuda11.6-cudnn8-devel\nRUN pip install mmcv-full -f https://download.openmmlab.com/mmcv/dist/cu116/torch1.13/index.html\n", &[]),
    ("mmcv for a torch that is put there", "FROM pytorch/pytorch:1.13.0-cuda11.6-cudnn8-devel\nRUN pip install --force-reinstall torch==1.13.0+cu117\nRUN pip install mmcv-full -f https://download.openmmlab.com/mmcv/dist/cu117/torch1.13/index.html\n", &["2: LG507"]),
    ("PyG for another torch than is installed", "FROM nvidia/cuda:12.1.1-devel-ubuntu22.04\nRUN pip install torch==2.1.2\nRUN pip install torch-scatter -f https://data.pyg.org/whl/torch-2.0.0+cu118.html\n", &["3: LG512"]),
    ("PyG for the torch that is installed", "FROM nvidia/cuda:12.1.1-devel-ubuntu22.04\nRUN pip install torch==2.1.2\nRUN pip install torch-scatter -f https://data.pyg.org/whl/torch-2.1.0+cu121.html\n", &[]),
    ("mmcv for another torch than conda's", "FROM pytorch/pytorch:1.7.1-cuda11.0-cudnn8-devel\nRUN conda install pytorch==1.8.0 torchvision==0.9.0 cudatoolkit=10.2 -c pytorch\nRUN pip install mmcv-full -f https://download.openmmlab.com/mmcv/dist/cu101/torch1.6.0/index.html\n", &["2: LG507", "3: LG512"]),
    ("onnxruntime-gpu without cuDNN", "FROM nvidia/cuda:12.4.1-runtime-ubuntu22.04\nRUN pip install onnxruntime-gpu\n", &["2: LG517"]),
    ("onnxruntime-gpu for CUDA 13", "FROM nvidia/cuda:12.9.2-cudnn-runtime-ubuntu24.04\nRUN pip install --break-system-packages onnxruntime-gpu\n", &["2: LG517"]),
    ("onnxruntime-gpu that fits", "FROM nvidia/cuda:12.9.2-cudnn-runtime-ubuntu22.04\nRUN pip install onnxruntime-gpu\n", &[]),
    ("onnxruntime-gpu of another index", "FROM nvidia/cuda:11.8.0-cudnn8-runtime-ubuntu22.04\nRUN pip install onnxruntime-gpu==1.18.0 --extra-index-url https://aiinfra.pkgs.visualstudio.com/x/simple/\n", &[]),
];

#[rustfmt::skip]
const OLD_DRIVER: &[Row] = &[
    ("the newest wheel", "FROM python:3.12-slim\nRUN pip install torch\n", &["2: LG502"]),
    ("a wheel of CUDA 12", "FROM python:3.12-slim\nRUN pip install torch==2.8.0\nRUN echo\n", &[]),
    ("an image of PyTorch's", "FROM pytorch/pytorch:2.11.0-cuda13.0-cudnn9-runtime\n", &["1: LG502"]),
    ("an image of PyTorch's that only gives files", "FROM pytorch/pytorch:2.11.0-cuda13.0-cudnn9-runtime AS a\nFROM python:3.12\nCOPY --from=a /x /x\n", &[]),
    ("the processor needs no driver", "FROM python:3.12-slim\nRUN pip install torch==2.12.0+cpu\n", &[]),
];

#[rustfmt::skip]
const NEW_GPU: &[Row] = &[
    ("before Blackwell", "FROM python:3.12-slim\nRUN pip install torch==2.5.1\n", &["2: LG503"]),
    ("before Blackwell, an image", "FROM pytorch/pytorch:2.5.1-cuda12.4-cudnn9-runtime\n", &["1: LG503"]),
    ("the CUDA before Blackwell", "FROM python:3.12-slim\nRUN pip install torch==2.8.0+cu126\n", &["2: LG503"]),
    ("with Blackwell", "FROM python:3.12-slim\nRUN pip install torch==2.8.0\n", &[]),
];

#[test]
fn torch() {
    check(TORCH, &Target::default());
}

#[test]
fn others() {
    check(OTHERS, &Target::default());
}

#[test]
fn an_old_driver() {
    check(
        OLD_DRIVER,
        &Target::new(Some("550.54.14"), &[]).expect("a driver"),
    );
}

#[test]
fn a_new_gpu() {
    check(
        NEW_GPU,
        &Target::new(None, &["RTX 5090".to_owned()]).expect("a GPU"),
    );
}

#[test]
fn every_rule_has_a_row() {
    covers("LG5", &[TORCH, OTHERS, OLD_DRIVER, NEW_GPU]);
}
