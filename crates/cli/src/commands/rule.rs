use crate::error::CliError;
use crate::ui::Ui;
use clap::Args;
use liftgate_lint::rule::Meta;
use liftgate_lint::rules::{self, RULES};
use liftgate_lint::{Persona, Severity};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Print the page of a lint rule, or list the rules
///
/// A page says what the rule finds, why that is wrong, with examples. Without a rule, all are listed with their severity.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The rule, by its code (`LG101`) or its name
    rule: Option<String>,

    /// Write every page, and an index, into a directory
    #[arg(long, value_name = "DIR", hide = true, conflicts_with = "rule")]
    pages: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  liftgate rule
  liftgate rule LG101";

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    if let Some(directory) = &arguments.pages {
        return write_pages(directory);
    }
    let Some(wanted) = &arguments.rule else {
        for rule in RULES {
            let meta = rule.meta();
            ui.line(format_args!(
                "{}  {:8} {}",
                meta.code,
                severity(meta),
                meta.summary()
            ));
        }
        return Ok(());
    };
    let rule = rules::find(wanted).ok_or_else(|| CliError::Usage {
        sentence: format!("there is no rule `{wanted}`"),
        hint: nearest(wanted).map_or_else(
            || "`liftgate rule` lists them".to_owned(),
            |meta| {
                format!(
                    "the nearest is {} (`{}`); `liftgate rule` lists them all",
                    meta.code, meta.name
                )
            },
        ),
    })?;
    for line in page(rule.meta()).lines() {
        ui.line(line);
    }
    Ok(())
}

fn severity(meta: &Meta) -> String {
    let persona = if meta.persona == Persona::Pedantic {
        "*"
    } else {
        ""
    };
    format!("{}{persona}", meta.severity)
}

/// The page with its heading.
fn page(meta: &Meta) -> String {
    let mut text = format!("# {} `{}`\n\n", meta.code, meta.name);
    let severity = match meta.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    write!(text, "{severity}, {} confidence", meta.confidence.text()).ok();
    if meta.persona == Persona::Pedantic {
        text.push_str("; only with `--pedantic`, or where it is selected");
    }
    text.push_str("\n\n");
    let body = meta.page();
    let (summary, rest) = body.split_once('\n').unwrap_or((&body, ""));
    let mut first = summary.chars();
    let capital = first
        .next()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    writeln!(text, "{capital}{}.", first.as_str()).ok();
    for line in rest.lines() {
        match line.strip_prefix("```").filter(|info| info.contains(',')) {
            Some(info) => text.push_str(&fence(info)),
            None => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    text
}

/// The beginning of an example, with what it needs to be found in words.
fn fence(info: &str) -> String {
    let mut words = info.split(',');
    let language = words.next().unwrap_or_default();
    let mut options = Vec::new();
    let mut lead = String::new();
    for word in words {
        match word.split_once('=') {
            Some(("driver", version)) => options.push(format!("--driver {version}")),
            Some(("gpu", gpu)) if gpu.contains(' ') => options.push(format!("--gpu '{gpu}'")),
            Some(("gpu", gpu)) => options.push(format!("--gpu {gpu}")),
            _ if word == "pedantic" => options.push("--pedantic".to_owned()),
            _ if word == "fixed" => lead.push_str("`--fix --unsafe-fixes` makes of it:\n"),
            _ => {}
        }
    }
    if !options.is_empty() && lead.is_empty() {
        writeln!(lead, "With `{}`:", options.join(" ")).ok();
    }
    format!("{lead}```{language}\n")
}

/// The rule whose name or code has the most in common with a word.
fn nearest(word: &str) -> Option<&'static Meta> {
    let common = |meta: &Meta| {
        let word = word.to_lowercase();
        let by_code = meta
            .code
            .to_lowercase()
            .chars()
            .zip(word.chars())
            .take_while(|(one, other)| one == other)
            .count();
        let by_name = meta
            .name
            .split('-')
            .filter(|part| word.contains(part))
            .count()
            * 3;
        by_code.max(by_name)
    };
    let best = RULES
        .iter()
        .map(|rule| rule.meta())
        .max_by_key(|meta| common(meta))?;
    (common(best) > 2).then_some(best)
}

/// Writes a file for each rule, and an index.
fn write_pages(directory: &Path) -> Result<(), CliError> {
    let write = |name: &str, text: &str| {
        let path = directory.join(name);
        fs::write(&path, text).map_err(|error| CliError::Failed {
            sentence: format!("cannot write `{}`: {error}", path.display()),
            hint: "name a directory that can be written to".to_owned(),
        })
    };
    fs::create_dir_all(directory).map_err(|error| CliError::Failed {
        sentence: format!(
            "cannot make the directory `{}`: {error}",
            directory.display()
        ),
        hint: "name a directory that can be made".to_owned(),
    })?;
    let mut index = String::from(
        "# Rules of `liftgate lint`\n\nMade from the rules by `cargo xtask gen`. A star: only with `--pedantic`, or where the rule is selected.\n\n\
         | code | name | severity | finds |\n|---|---|---|---|\n",
    );
    for rule in RULES {
        let meta = rule.meta();
        writeln!(
            index,
            "| [{code}]({code}.md) | `{}` | {} | {} |",
            meta.name,
            severity(meta).replace('*', "\\*"),
            meta.summary().replace('|', "\\|"),
            code = meta.code
        )
        .ok();
        write(&format!("{}.md", meta.code), &page(meta))?;
    }
    write("README.md", &index)
}
