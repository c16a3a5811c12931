//! TensorFlow.

use super::{WheelJudgement, WheelPresence, judge_in_image};
use crate::code::{Target, loading};
use crate::driver_verdict::Driver;
use crate::gpu::Gpu;
use crate::mark::Mark;
use crate::release::{Cuda, numbers};
use crate::tables::tensorflow::{LAST, ROWS, Row};
use std::fmt;

/// A release of TensorFlow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TensorFlow {
    /// `(2, 15)`
    pub release: (u16, u16),
}

impl fmt::Display for TensorFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tensorflow {}.{}", self.release.0, self.release.1)
    }
}

impl TensorFlow {
    /// Reads `2.15`, `2.15.0`, `tensorflow==2.15.0`, `tensorflow[and-cuda]==2.15`.
    pub fn parse(text: &str) -> Option<Self> {
        let version = text.rsplit_once("==").map_or(text, |(name, version)| {
            if name.starts_with("tensorflow") {
                version
            } else {
                text
            }
        });
        match *numbers(version)? {
            [major, minor] | [major, minor, _] => Some(Self {
                release: (major, minor),
            }),
            _ => None,
        }
    }

    fn row(self) -> Option<&'static Row> {
        let row = ROWS.iter().rfind(|row| row.from <= self.release);
        // 1.15 was the last of 1.x.
        row.filter(|_| self.release <= LAST && !((1, 15) < self.release && self.release < (2, 0)))
    }

    /// The CUDA that it was made with.
    pub fn cuda(self) -> Option<Cuda> {
        self.row().map(|row| row.cuda)
    }

    /// The cuDNN that it was made with: `8.9`.
    pub fn cudnn(self) -> Option<&'static str> {
        self.row().map(|row| row.cudnn)
    }

    /// Whether `tensorflow[and-cuda]` brings CUDA and cuDNN along; without the extra the image has to have them.
    pub fn has_cuda_extra(self) -> Option<bool> {
        self.row().map(|row| row.has_extra)
    }

    /// The code in it.
    pub fn code(self) -> Option<Vec<Target>> {
        self.row()?.code.split(' ').map(Target::parse).collect()
    }

    /// Whether it runs, given that it has its CUDA libraries. `has_compat` as in [`super::TorchWheel::judge`].
    pub fn judge(
        self,
        driver: Option<&Driver>,
        gpu: Option<&Gpu>,
        has_compat: bool,
    ) -> WheelJudgement {
        let cuda = self.cuda();
        let code = self.code().zip(gpu);
        WheelJudgement {
            presence: if cuda.is_some() {
                WheelPresence::Exists
            } else {
                WheelPresence::UnknownRelease
            },
            cuda,
            driver: driver
                .zip(cuda)
                .map(|(driver, cuda)| judge_in_image(cuda, driver, gpu, has_compat)),
            code: code.map(|(code, gpu)| loading(&code, gpu.capability)),
            // The GPUs are those of builds, not of the released wheels.
            mark: self
                .row()
                .map_or(Mark::Unverified, |row| row.mark.max(Mark::Secondary)),
        }
    }
}
