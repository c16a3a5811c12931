use super::generate;
use crate::cdi::{SpecificationRecord, Target};
use crate::error::CliError;
use crate::ui::Ui;
use clap::{Args, Subcommand, ValueEnum};
use liftgate_cdi::{MAX_BYTES, RelativeTo, Specification};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Rewrite a specification for a machine whose driver lies elsewhere
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Root(Root),
}

/// Make paths below one directory paths below another
///
/// A path is rewritten if it is --from or below it, by whole components.
#[derive(Debug, Args)]
struct Root {
    /// The directory to be replaced; if it is empty, /
    #[arg(long, value_name = "DIR", default_value = "")]
    from: String,

    /// What takes its place; if it is empty, paths become relative
    #[arg(long, value_name = "DIR", default_value = "")]
    to: String,

    /// Whose paths are rewritten
    #[arg(long, value_name = "WHOSE", default_value = "host")]
    relative_to: Whose,

    /// The file to be read; -: standard input
    #[arg(long, value_name = "FILE", default_value = "-")]
    input: PathBuf,

    /// The file to be written, instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Whose {
    /// The host's: what is mounted, nodes, programs of hooks
    Host,
    /// The container's: where things go
    Container,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    let Verb::Root(root) = &arguments.verb;
    let shown = root.input.display();
    let unread = |reason: String| CliError::Failed {
        sentence: format!("cannot read the specification `{shown}`: {reason}"),
        hint: "name a CDI specification with --input".to_owned(),
    };
    let bytes = read(&root.input).map_err(unread)?;
    let mut specification =
        Specification::load(&bytes).map_err(|error| unread(error.to_string()))?;
    let relative_to = match root.relative_to {
        Whose::Host => RelativeTo::Host,
        Whose::Container => RelativeTo::Container,
    };
    transform(&mut specification, &root.from, &root.to, relative_to);
    let target = Target::new(root.output.as_deref(), None);
    let mut text = target.format.text(specification, None);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    match &target.path {
        None => ui.raw(text.as_bytes()),
        Some(path) => {
            generate::write(path, &text)?;
            ui.field("Written to", path.display());
        }
    }
    Ok(())
}

/// Rewrites the specification. What it says about itself no longer holds: made anew, it would lie where it was.
pub(in crate::commands) fn transform(
    specification: &mut Specification,
    from: &str,
    to: &str,
    relative_to: RelativeTo,
) {
    specification.transform_root(from, to, relative_to);
    SpecificationRecord::remove_from(specification);
}

/// The bytes of a file, or of standard input.
pub(in crate::commands) fn read(input: &Path) -> Result<Vec<u8>, String> {
    if input == Path::new("-") {
        let mut bytes = Vec::new();
        let mut limited = std::io::stdin().lock().take(MAX_BYTES as u64 + 1);
        limited
            .read_to_end(&mut bytes)
            .map_err(|error| error.to_string())?;
        return Ok(bytes);
    }
    liftgate_sys::file::read(input, MAX_BYTES as u64)
        .map_err(|error| error.to_string())?
        .ok_or_else(|| "there is no such file".to_owned())
}
