//! Prints findings, a line each: for looking at many files.
use liftgate_lint::{Language, Settings, lint};
use std::io::Write as _;
fn main() {
    let mut out = std::io::stdout().lock();
    let pedantic = std::env::var_os("PEDANTIC").is_some();
    for path in std::env::args().skip(1) {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let language = if path.ends_with(".yaml") { Language::Compose } else { Language::Dockerfile };
        let settings = Settings { pedantic, ..Settings::default() };
        for finding in lint(&text, language, &settings) {
            let line = text[..finding.span.start].matches('\n').count() + 1;
            let shown = finding.span.of(&text).replace('\n', " ");
            writeln!(out, "{} {} {}:{line} {} | {} | {}", finding.code, finding.severity, path.rsplit('/').next().unwrap_or(""), finding.message, finding.hint, shown.chars().take(100).collect::<String>()).ok();
        }
    }
}
