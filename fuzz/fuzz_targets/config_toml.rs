//! Feeds text as `config.toml`: a configuration or an error with a place that is in the text; warnings are few and in order.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liftgate_config::{Config, ConfigError, Position};

/// More warnings than this nobody reads: they come from keys that are unknown, of which there may be any number.
const MANY: usize = 200;

fuzz_target!(|text: &str| {
    let lines: Vec<&str> = text.split('\n').collect();
    let is_inside = |at: Position| {
        let line = at.line.checked_sub(1).and_then(|line| lines.get(line));
        line.is_some_and(|line| (1..=line.chars().count() + 1).contains(&at.column))
    };
    match Config::parse(text) {
        Ok((config, warnings)) => {
            assert!(warnings.len() <= MANY);
            assert!(warnings.is_sorted_by_key(|warning| warning.at));
            for warning in &warnings {
                assert!(is_inside(warning.at), "{:?}", warning.at);
                assert!(!warning.to_string().is_empty());
            }
            // A program of the container is run only where the file says so in words.
            assert!(
                config.nvidia_container_cli.ldconfig.starts_with('@')
                    || config.features.allow_ldconfig_from_container == Some(true)
            );
            for name in config.swarm_resources() {
                assert!(!name.is_empty() && name.trim() == name);
            }
        }
        Err(error @ ConfigError::TooLarge { .. }) => assert!(error.position().is_none()),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert!(
                error.position().is_some_and(is_inside),
                "{:?}",
                error.position()
            );
        }
    }
});
