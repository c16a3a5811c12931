//! A CUDA version on a driver and a GPU.

use super::answer::{Answer, Outcome};
use super::target::Target;
use crate::error::CliError;
use liftgate_cuda::code::{Target as Code, nearest_target};
use liftgate_cuda::framework::judge_in_image;
use liftgate_cuda::gpu::Gpu;
use liftgate_cuda::{
    Branch, Cuda, CudaError, Driver, DriverVerdict, NoForward, UnknownDriver, first_release,
    minor_version_floor, toolkits,
};

/// A toolkit, or what was made with it.
pub(super) fn toolkit(text: &str, target: &Target) -> Result<Answer, CliError> {
    let cuda = Cuda::parse(text).ok_or_else(|| CliError::Usage {
        sentence: format!("`{text}` is no CUDA version"),
        hint: "write --toolkit 12.8".to_owned(),
    })?;
    let subject = format!("CUDA {cuda}");
    let mut answer = Answer::about(&subject);
    let newest = toolkits().last();
    if !toolkits().any(|known| known == cuda) && newest.is_some_and(|newest| cuda < newest) {
        answer.becomes(Outcome::DoesNotRun, "does not exist");
        answer.because("no toolkit of that version was released");
        return Ok(answer);
    }
    let answers = target.each_gpu().into_iter().map(|gpu| {
        let mut answer = Answer::about(&subject);
        on_gpu(cuda, target.driver.as_ref(), gpu, false, &mut answer);
        (label(gpu), answer)
    });
    Ok(Answer::of_each(answers.collect()).unwrap_or(answer))
}

/// A CUDA version on a driver and a GPU.
pub(super) fn on_gpu(
    cuda: Cuda,
    of: Option<&Driver>,
    gpu: Option<&Gpu>,
    has_compat: bool,
    answer: &mut Answer,
) {
    let verdict = of.map(|driver| judge_in_image(cuda, driver, gpu, has_compat));
    driven(of, gpu, answer);
    driver(cuda, of, verdict.as_ref(), answer);
    let Some(gpu) = gpu else {
        return;
    };
    let Some((first, last)) = Code::sass(gpu.capability).toolkits() else {
        return;
    };
    if let Some(last) = last.filter(|last| cuda > *last) {
        let reason =
            format!("CUDA {cuda} no longer makes code for {gpu}; {last} was the last that did");
        answer.fails(CudaError::of(209).unwrap_or_else(unlisted), reason);
        answer.hint(format!("use CUDA {last} or older"));
    } else if let Some(target) = nearest_target(cuda, gpu.capability) {
        if !matches!(verdict, Some(DriverVerdict::Refused { .. })) {
            answer.because(format!("its code for {target} runs on {gpu}"));
        }
    } else {
        answer.becomes(Outcome::Perhaps, "runs only what brings PTX");
        answer.because(format!(
            "CUDA {cuda} makes no code for {gpu}; {first} is the first that does"
        ));
        answer.hint(format!("use CUDA {first} or newer"));
    }
}

/// Whether the driver still drives the GPU at all.
pub(super) fn driven(driver: Option<&Driver>, gpu: Option<&Gpu>, answer: &mut Answer) {
    let Some((branch, gpu)) = driver.and_then(Driver::branch).zip(gpu) else {
        return;
    };
    let last = gpu.capability.last_driver_branch();
    if let Some(last) = last.filter(|_| !gpu.capability.is_driven_by(branch)) {
        answer.fails(
            CudaError::of(100).unwrap_or_else(unlisted),
            format!(
                "drivers of branch {branch} do not drive {gpu}; {last} is the last branch that does"
            ),
        );
        answer.hint(format!("use a driver of branch {last}"));
    }
}

/// What a driver does with a CUDA version, in words.
pub(super) fn driver(
    cuda: Cuda,
    of: Option<&Driver>,
    verdict: Option<&DriverVerdict>,
    answer: &mut Answer,
) {
    let Some((driver, verdict)) = of.zip(verdict) else {
        let floor = minor_version_floor(cuda.major.into());
        let floor = floor.or_else(|| first_release(cuda).map(|(_, driver)| driver));
        if let Some(floor) = floor {
            answer.because(format!(
                "CUDA {cuda} needs driver {floor} or newer; none was given"
            ));
        }
        return;
    };
    match verdict {
        DriverVerdict::Full => answer.because(format!("{driver} has CUDA {cuda}")),
        DriverVerdict::MinorVersion { floor, .. } => {
            answer.becomes(answer.outcome, "runs, by minor-version compatibility");
            answer.because(format!(
                "{driver} runs every CUDA {}.x, as drivers from {floor} on do",
                cuda.major
            ));
            answer.because("what brings only PTX of that version fails with error 222, and what calls newer functions of the driver with 36");
        }
        DriverVerdict::Forward {
            package,
            is_for_some_models_only,
        } => {
            answer.because(format!(
                "the image's newer driver libraries ({package}) are used with {driver}"
            ));
            if *is_for_some_models_only {
                answer.becomes(
                    Outcome::Perhaps,
                    "runs on some workstation GPUs, by forward compatibility",
                );
                answer.because("NVIDIA names no models; the others end with error 804");
            } else {
                answer.becomes(answer.outcome, "runs, by forward compatibility");
            }
        }
        DriverVerdict::Refused {
            error,
            with_compat,
            floor,
            no_forward,
        } => {
            answer.fails(
                *error,
                format!("CUDA {cuda} needs driver {floor} or newer, and this is {driver}"),
            );
            answer.because(match no_forward {
                NoForward::Class => "forward compatibility is not for GeForce and TITAN".to_owned(),
                NoForward::Base { bases: [] } => "from this driver there is no forward compatibility".to_owned(),
                NoForward::Base { bases } => {
                    let bases: Vec<String> = bases.iter().map(ToString::to_string).collect();
                    format!("forward compatibility to CUDA {cuda} is from drivers of branches {} only", bases.join(", "))
                }
                NoForward::UnknownGpu => "forward compatibility may help on a data-centre GPU: say which with --gpu".to_owned(),
                NoForward::NoLibraries => format!("forward compatibility would help, with the libraries of cuda-compat-{}-{}, which nvidia/cuda images have", cuda.major, cuda.minor),
            });
            if let Some(error) = with_compat {
                answer.because(format!("where the image's newer driver libraries are loaded all the same, the error is {error}"));
            }
            answer.hint(hint_of_driver(driver, floor));
        }
        DriverVerdict::Unknown(UnknownDriver::Branch) => {
            answer.becomes(
                Outcome::Perhaps,
                "cannot be judged: no such driver is known",
            );
            answer.because(format!("no branch of the Linux driver has the number of {driver}; Windows counts in another way"));
            answer.hint("on WSL ask on the machine itself, without --driver");
        }
        DriverVerdict::Unknown(UnknownDriver::Toolkit) => {
            answer.becomes(Outcome::Perhaps, "cannot be judged: no such CUDA is known");
        }
    }
}

fn hint_of_driver(driver: &Driver, floor: &str) -> String {
    let older = driver
        .cuda()
        .map(|cuda| format!(", or what is made with CUDA {}.x", cuda.major))
        .unwrap_or_default();
    let branch = floor
        .split('.')
        .next()
        .and_then(|branch| branch.parse().ok())
        .and_then(Branch::of);
    match branch {
        Some(branch) => format!("use a driver of branch {} or newer{older}", branch.number),
        None => format!("use driver {floor} or newer{older}"),
    }
}

pub(super) fn label(gpu: Option<&Gpu>) -> String {
    gpu.map_or_else(String::new, ToString::to_string)
}

pub(super) fn unlisted() -> CudaError {
    unreachable!("a test of the table has it")
}
