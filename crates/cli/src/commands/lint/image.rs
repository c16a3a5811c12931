use super::source;
use super::{Looked, Options, Project, show};
use crate::error::CliError;
use crate::ui::Ui;
use clap::Args;
use liftgate_lint::lint_image;
use std::ffi::OsString;
use std::time::{Duration, Instant};

/// Look into finished images: libraries, GPU code, wheels, environment
///
/// An image is a name that Docker or Podman has, an archive (`docker save`, `podman save`), a directory that is an OCI layout, or `-`. Its layers are read
/// as a stream, and nothing is pulled, unpacked or run. With --gpu it says whether there is code for that GPU, with --driver whether that driver runs it.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The images
    #[arg(value_name = "IMAGE", required = true)]
    images: Vec<OsString>,

    #[command(flatten)]
    options: Options,
}

/// A progress line comes after this long, and is renewed as often.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    let options = &arguments.options;
    let mut projects = super::files::Projects::new(options.config.as_deref(), options.no_config);
    let project = projects.of_here()?;
    let settings = options.settings(&project)?;
    let mut looked = Vec::with_capacity(arguments.images.len());
    for image in &arguments.images {
        let source = source::open(image)?;
        let mut progress = Progress::new(source.words.clone());
        let facts = source.facts(&mut |bytes| progress.tell(bytes))?;
        progress.end();
        for gap in &facts.gaps {
            ui.warning(gap);
        }
        looked.push(Looked {
            path: image.to_string_lossy().into_owned(),
            text: String::new(),
            findings: lint_image(&facts, &settings),
        });
    }
    show::show(&looked, options.shown_as(), ui)?;
    verdict(&looked, options, &project)
}

/// Whether a finding is bad enough to fail.
pub(super) fn verdict(
    looked: &[Looked],
    options: &Options,
    project: &Project,
) -> Result<(), CliError> {
    let least = options.fails_from(project);
    let mut findings = looked.iter().flat_map(|looked| &looked.findings);
    if findings.any(|finding| least.is_some_and(|least| finding.severity >= least)) {
        Err(CliError::Shown)
    } else {
        Ok(())
    }
}

/// How far a stream has been read, on one line of a terminal that is written over.
#[derive(Debug)]
struct Progress {
    words: String,
    last: Instant,
    is_shown: bool,
}

impl Progress {
    fn new(words: String) -> Self {
        Self {
            words,
            last: Instant::now(),
            is_shown: false,
        }
    }

    fn tell(&mut self, bytes: u64) {
        if self.last.elapsed() < PATIENCE {
            return;
        }
        self.last = Instant::now();
        self.is_shown |= Ui::progress(format_args!(
            "reading {}: {} MB …",
            self.words,
            bytes / 1_000_000
        ));
    }

    fn end(&self) {
        if self.is_shown {
            Ui::end_progress();
        }
    }
}
