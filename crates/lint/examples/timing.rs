use liftgate_lint::{Language, Settings, Target, lint, rules::RULES};
use std::time::Instant;
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let language = match std::env::args().nth(2).as_deref() { Some("c") => Language::Compose, Some("s") => Language::Shell, Some("m") => Language::Markdown, Some("j") => Language::Devcontainer, _ => Language::Dockerfile };
    let target = Target::new(Some("535.183.01"), &["A100".to_owned(), "GTX 1080".to_owned()]).unwrap();
    let mut all = Settings { pedantic: true, target: target.clone(), ..Settings::default() };
    all.select = vec!["LG904".into()];
    let start = Instant::now();
    lint(&text, language, &all);
    println!("base {:?}", start.elapsed());
    for rule in RULES {
        let mut settings = all.clone();
        settings.select = vec![rule.meta().code.to_owned()];
        let start = Instant::now();
        let n = lint(&text, language, &settings).len();
        let t = start.elapsed();
        if t.as_millis() > 400 { println!("{} {t:?} {n}", rule.meta().code); }
    }
}
