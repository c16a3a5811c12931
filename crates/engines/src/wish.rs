//! What an engine is to be told.

/// A runtime that an engine is to know, and what else it is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The name by which containers ask for the runtime.
    pub name: String,
    /// Its program.
    pub path: String,
    /// Whether containers that name no runtime get it.
    pub is_default: bool,
    /// Whether the engine is to take devices of CDI specifications, where it has to be told so.
    pub with_cdi: bool,
}

impl Wish {
    /// Refuses what no engine can take for a name or a path.
    pub(crate) fn check(&self) -> Result<(), crate::Refused> {
        let is_name = |character: char| {
            character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.')
        };
        if self.name.is_empty() || !self.name.chars().all(is_name) {
            return Err(crate::Refused::new(format!(
                "`{}` is no name for a runtime: letters, digits, `-`, `_` and `.` are",
                self.name
            )));
        }
        if self.path.is_empty() || self.path.chars().any(char::is_control) {
            return Err(crate::Refused::new(format!(
                "`{}` is no path of a program",
                self.path.escape_debug()
            )));
        }
        Ok(())
    }
}
