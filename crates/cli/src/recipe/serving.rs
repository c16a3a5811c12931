//! A server of language models: vLLM.

use super::impossible::Impossible;
use super::request::Request;
use super::sheet::Sheet;
use super::toolkit::{self, Needs};
use super::wheel;
use super::{cuda, packages, wheels};
use liftgate_cuda::gpu::Capability;
use liftgate_cuda::image::{Flavour, Os};

const TEMPLATE: &str = include_str!("templates/serving.Dockerfile");

pub(super) fn sheet(request: &Request) -> Result<(Sheet, &'static str), Impossible> {
    let mut request = request.clone();
    if request.python.is_some_and(|python| python != (3, 12)) {
        return Err(Impossible::new(
            "the server runs on Ubuntu's own Python, which is 3.12",
            "leave --python out",
        ));
    }
    request.python = Some((3, 12));
    if request
        .os
        .as_deref()
        .is_some_and(|os| Os::of_name(os) != Some(Os::Ubuntu2404))
    {
        return Err(Impossible::new(
            "the server runs on ubuntu24.04, whose Python vLLM has wheels for",
            "leave --os out",
        ));
    }
    let chosen = wheel::choose(&request, "vLLM", wheels::VLLM)?;
    // Of the same CUDA as the wheels, whatever else the driver runs.
    let toolkit = {
        let needs = Needs {
            cuda: Some(chosen.wheel.cuda),
            os: Some(Os::Ubuntu2404),
            ..Needs::default()
        };
        toolkit::choose(&request, needs)?
    };
    let mut sheet = Sheet::default();
    sheet.set("head", request.head());
    sheet.set("name", &*request.name);
    sheet.choose(
        "server",
        format!("vllm=={}", chosen.wheel.version),
        format!(
            "vLLM {} is for {}.",
            chosen.wheel.version,
            chosen.reason(&request)
        ),
    );
    sheet.choose(
        "toolkit",
        toolkit.image(Flavour::Devel),
        format!(
            "`devel`: vLLM has some of its kernels (FlashInfer, Triton) compiled when they are first used. CUDA {}, as vLLM's wheels have it.",
            chosen.wheel.cuda
        ),
    );
    sheet.set("require", cuda::requirement(&toolkit));
    sheet.set(
        "python.build",
        packages::install(Os::Ubuntu2404, &["python3-venv"]),
    );
    sheet.set(
        "python.run",
        packages::install(Os::Ubuntu2404, &["python3-dev"]),
    );
    let oldest = request.target.gpus.iter().map(|gpu| gpu.capability).min();
    let is_turing = oldest.is_some_and(|oldest| oldest < Capability::new(8, 0));
    if is_turing {
        sheet.choose(
            "precision",
            "--dtype half",
            format!(
                "{} has no bfloat16, which most models are made in.",
                request.target.gpu_words()
            ),
        );
        sheet.set("precision.words", ", \"--dtype\", \"half\"");
    } else {
        sheet.set("precision.words", "");
    }
    let note = if is_turing {
        format!(
            "# {}",
            sheet
                .choices
                .last()
                .map(|choice| choice.reason.clone())
                .unwrap_or_default()
        )
    } else {
        String::new()
    };
    sheet.set("precision.note", note);
    cuda::superseded(&mut sheet, &request, &toolkit);
    cuda::machine(&mut sheet, &request);
    Ok((sheet, TEMPLATE))
}
