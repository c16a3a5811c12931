//! Feeds a line of facts and a requirement: whatever an image asks, what strictly holds also holds by compatibility, and messages are short and tame.
//!
//! The line has driver, CUDA version, compute capability and brand, with blanks between them; what is not there is
//! not known. All that follows is the requirement. Reading it is linear, or the time limit says so.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liftgate_cuda::{
    Facts, Reading, Verdict, compare_versions, cuda_of_driver, judge, unsatisfied_condition,
};

fn pair(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn check_shown(shown: &str) {
    assert!(
        shown.len() < 1024 && !shown.contains(char::is_control),
        "{shown:?}"
    );
}

/// Better verdicts before worse.
fn rank(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Met => 0,
        Verdict::MetByMinorVersion { asked, .. } => {
            check_shown(asked);
            1
        }
        Verdict::Undecided { missing } => {
            assert!(missing.iter().next().is_some());
            2
        }
        Verdict::Unmet { first } => {
            check_shown(&unsatisfied_condition(first));
            3
        }
    }
}

fuzz_target!(|text: &str| {
    let (line, expression) = text.split_once('\n').unwrap_or((text, ""));
    let mut words = line
        .split(' ')
        .map(|word| Some(word).filter(|word| !word.is_empty()));
    let mut word = || words.next().flatten();
    let facts = Facts {
        driver: word(),
        cuda: word().and_then(pair),
        architecture: word().and_then(pair),
        brand: word(),
    };
    if let Some(driver) = facts.driver {
        let order = compare_versions(driver, expression);
        let back = compare_versions(expression, driver);
        assert_eq!(order.map(std::cmp::Ordering::reverse), back);
        assert!(cuda_of_driver(driver).is_none_or(|_| compare_versions(driver, driver).is_some()));
    }
    let relaxed = judge(expression, &facts, Reading::MinorVersion);
    match judge(expression, &facts, Reading::Strict) {
        Ok(strict) => {
            assert_ne!(rank(&strict), 1);
            let relaxed = relaxed.expect("it is valid to the letter");
            assert!(rank(&relaxed) <= rank(&strict));
        }
        Err(error) => {
            check_shown(&error.to_string());
            match relaxed {
                Ok(Verdict::Met | Verdict::Unmet { .. }) => panic!("{expression:?}: {error}"),
                Ok(_) => {}
                Err(other) => assert_eq!(error, other),
            }
        }
    }
});
