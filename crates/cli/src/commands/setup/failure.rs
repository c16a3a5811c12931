//! What keeps a setup from being made, with a code where somebody can do something about it.

use crate::commands::nvidia_ctk::configure::in_words;
use crate::error::CliError;
use liftgate_engines::PlanError;
use liftgate_engines::change::ChangeError;
use liftgate_plan::{Code, Refusal};

impl From<PlanError> for CliError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Refused(_) => malformed(in_words(error)),
            PlanError::Change(error) => error.into(),
            PlanError::Directory { .. } => Self::Failed {
                sentence: error.to_string(),
                hint: "nothing was changed".to_owned(),
            },
        }
    }
}

impl From<ChangeError> for CliError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Busy(_) | ChangeError::WrittenMeanwhile(_) => Refusal::new(
                Code::EngineConfigurationBusy,
                error.to_string(),
                "look at it, and call `liftgate setup` again",
            )
            .into(),
            ChangeError::NotText(_) => malformed(error.to_string()),
            ChangeError::System(_) | ChangeError::NotARecord { .. } => Self::Failed {
                sentence: error.to_string(),
                hint: "nothing was changed; call it as root, and see whether the file system is full or read-only".to_owned(),
            },
        }
    }
}

fn malformed(sentence: String) -> CliError {
    Refusal::new(
        Code::EngineConfigurationMalformed,
        sentence,
        "mend the file; it was not touched",
    )
    .into()
}
