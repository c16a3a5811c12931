//! Frameworks: which wheels there are, and whether one runs on a driver and a GPU.
//!
//! A wheel of PyTorch brings its own CUDA and cuDNN. The CUDA of the image below it does not matter, and neither does a
//! toolkit on the host: a `python:3.11` will do. What matters is the driver, and whether there is code for the GPU.
//!
//! ```
//! use liftgate_cuda::framework::{Runs, TorchWheel};
//! use liftgate_cuda::{Driver, gpu::Gpu};
//!
//! let wheel = TorchWheel::parse("2.4.1+cu118").unwrap();
//! let driver = Driver::parse("535.183.01").unwrap();
//! let judgement = wheel.judge(Some(&driver), Some(&Gpu::parse("H100").unwrap()), false);
//! assert_eq!(judgement.runs(), Runs::Yes);
//! // There is no machine code for a Blackwell in it.
//! let judgement = wheel.judge(Some(&driver), Some(&Gpu::parse("RTX 5090").unwrap()), false);
//! assert!(matches!(judgement.runs(), Runs::No(error) if error.number == 209));
//! ```

mod package;
mod tensorflow;
mod torch;
mod torch_family;

pub use package::{PythonPackage, python_package};
pub use tensorflow::TensorFlow;
pub use torch::{TorchFlavour, TorchWheel, WheelPresence};
pub use torch_family::{torch_of_vision, torch_pythons};

use crate::code::Loading;
use crate::cuda_error::CudaError;
use crate::driver_verdict::{Driver, DriverVerdict, NoForward, judge_driver};
use crate::gpu::Gpu;
use crate::mark::Mark;
use crate::release::Cuda;

/// Whether something runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runs {
    /// It does.
    Yes,
    /// It does not, and this is the error. PyTorch and TensorFlow do not always show it: with 35 they go on with the CPU.
    No(CudaError),
    /// Something that it depends on is not known.
    Perhaps,
}

/// What is known of a wheel on a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WheelJudgement {
    /// Whether there is such a wheel.
    pub presence: WheelPresence,
    /// The CUDA that it brings, or needs; `None`: none, or not known.
    pub cuda: Option<Cuda>,
    /// Whether the driver runs that; `None`: no driver, or no CUDA.
    pub driver: Option<DriverVerdict>,
    /// How its code gets onto the GPU; `None`: no GPU, or the code is not known.
    pub code: Option<Loading>,
    /// How well the code is known.
    pub mark: Mark,
}

impl WheelJudgement {
    /// All of it in one word. A wheel that there is not runs nowhere, and has no error number: see
    /// [`presence`](Self::presence) first.
    pub fn runs(&self) -> Runs {
        let jit_fails = matches!(self.code, Some(Loading::Jit(_)))
            && matches!(self.driver, Some(DriverVerdict::MinorVersion { .. }));
        let driver_runs = self.driver.as_ref().and_then(DriverVerdict::runs);
        match (&self.driver, self.code) {
            (Some(DriverVerdict::Refused { error, .. }), _) => Runs::No(*error),
            (_, Some(Loading::No)) => Runs::No(CudaError::known(209)),
            _ if jit_fails => Runs::No(CudaError::known(222)),
            (_, Some(_)) if driver_runs == Some(true) => Runs::Yes,
            _ => Runs::Perhaps,
        }
    }
}

/// As [`judge_driver`], for what may be in an image without the newer libraries of forward compatibility.
pub fn judge_in_image(
    toolkit: Cuda,
    driver: &Driver,
    gpu: Option<&Gpu>,
    has_compat: bool,
) -> DriverVerdict {
    let verdict = judge_driver(toolkit, driver, gpu.and_then(|gpu| gpu.class));
    let no_forward = match &verdict {
        DriverVerdict::Forward { .. } => NoForward::NoLibraries,
        DriverVerdict::Refused { no_forward, .. } => *no_forward,
        _ => return verdict,
    };
    // Of a GPU that nobody knows nothing is said but the refusal.
    match judge_driver(toolkit, driver, None) {
        DriverVerdict::Refused { error, floor, .. } if !has_compat => DriverVerdict::Refused {
            error,
            with_compat: None,
            floor,
            no_forward,
        },
        _ => verdict,
    }
}
