//! Tables of cases: a text, and the rules that find something in it with the lines where they do.

use liftgate_lint::{Language, Settings, Target, lint};

/// A case: what it is about, the text, what is found: `LG101:1 LG103:4`, in the order of the places.
pub(crate) type Case = (&'static str, &'static str, &'static str);

/// The machine that `driver` and `gpus` are.
pub(crate) fn machine(driver: Option<&str>, gpus: &[&str]) -> Settings {
    let gpus: Vec<String> = gpus.iter().map(|gpu| (*gpu).to_owned()).collect();
    Settings {
        target: Target::new(driver, &gpus).expect("a machine that is known"),
        ..Settings::default()
    }
}

/// The rules of these families alone, as others may have their say about the same lines.
pub(crate) fn of(mut settings: Settings, families: &[&str]) -> Settings {
    settings.select = families.iter().map(|family| (*family).to_owned()).collect();
    settings
}

/// What is found, as cases write it.
pub(crate) fn found(text: &str, language: Language, settings: &Settings) -> String {
    let found: Vec<String> = lint(text, language, settings)
        .iter()
        .map(|finding| {
            let line = text[..finding.span.start].matches('\n').count() + 1;
            format!("{}:{line}", finding.code)
        })
        .collect();
    found.join(" ")
}

/// Looks at every case.
pub(crate) fn check(cases: &[Case], language: Language, settings: &Settings) {
    let mistakes: Vec<String> = cases
        .iter()
        .filter_map(|(what, text, expected)| {
            let found = found(text, language, settings);
            (found != *expected).then(|| format!("{what}: `{found}`, and not `{expected}`, in\n{text}"))
        })
        .collect();
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n\n"));
}
