//! Failure, as people and scripts see it.
//!
//! | exit status | meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | refused, with a code |
//! | 2 | the command line is wrong |
//! | 3 | the work failed: a file could not be read or written |

use crate::ui::Ui;
use liftgate_plan::Refusal;
use std::io;
use std::process::ExitCode;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum CliError {
    /// A refusal that was already shown as data.
    Shown,
    /// A refusal.
    Refused(Refusal),
    /// A wrong command line, found out after it was parsed.
    Usage { sentence: String, hint: String },
    /// Something could not be done.
    Failed { sentence: String, hint: String },
    /// Standard output is gone.
    Output(io::Error),
}

impl From<Refusal> for CliError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl CliError {
    /// Says it, and gives the exit status.
    pub(crate) fn report(self, ui: &mut Ui) -> ExitCode {
        match self {
            Self::Shown => ExitCode::from(1),
            Self::Refused(refusal) => {
                ui.refusal(&refusal);
                ExitCode::from(1)
            }
            Self::Usage { sentence, hint } => {
                ui.error(None, sentence);
                ui.detail("hint", hint);
                ExitCode::from(2)
            }
            Self::Failed { sentence, hint } => {
                ui.error(None, sentence);
                ui.detail("hint", hint);
                ExitCode::from(3)
            }
            // A reader that has seen enough (`| head`) is no failure.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Self::Output(error) => {
                ui.error(None, format!("cannot write to standard output: {error}"));
                ExitCode::from(3)
            }
        }
    }
}
