//! Requirements made at random, held against a model of the reference and against each other.

use liftgate_cuda::{
    Facts, Property, Reading, Verdict, compare_versions, judge, unsatisfied_condition,
};
use proptest::prelude::*;
use std::cmp::Ordering;

/// What the reference says: met or not, or `None` where the expression is invalid. What is not known holds.
///
/// All factors are judged first and the reading is done over the results, unlike in the code.
fn reference(expression: &str, facts: &Facts<'_>) -> Option<bool> {
    let judged: Vec<Vec<Option<bool>>> = expression
        .split(' ')
        .filter(|alternative| !alternative.is_empty())
        .map(|alternative| {
            alternative
                .split(',')
                .filter(|factor| !factor.is_empty())
                .map(|text| factor(text, facts))
                .collect()
        })
        .collect();
    let read = judged.split(Vec::is_empty).next().unwrap_or_default();
    let results: Vec<Option<bool>> = read
        .iter()
        .map(|factors| {
            let decides = factors.iter().find(|factor| **factor != Some(true));
            *decides.unwrap_or(&Some(true))
        })
        .collect();
    let decides = results.iter().find(|result| **result != Some(false));
    *decides.unwrap_or(&Some(results.is_empty()))
}

fn factor(text: &str, facts: &Facts<'_>) -> Option<bool> {
    let start = text.find(['<', '>', '=', '!'])?;
    let (name, rest) = text.split_at(start);
    let end = rest.find(|one| !"<>=!".contains(one))?;
    let (operator, value) = rest.split_at(end);
    let orders: &[Ordering] = match operator {
        "=" => &[Ordering::Equal],
        "!" | "!=" => &[Ordering::Less, Ordering::Greater],
        "<" => &[Ordering::Less],
        "<=" => &[Ordering::Less, Ordering::Equal],
        ">" => &[Ordering::Greater],
        ">=" => &[Ordering::Greater, Ordering::Equal],
        _ => return None,
    };
    let dotted = |(major, minor)| format!("{major}.{minor}");
    let fact = match name.to_lowercase().as_str() {
        "cuda" => facts.cuda.map(dotted),
        "driver" => facts.driver.map(str::to_owned),
        "arch" => facts.architecture.map(dotted),
        "brand" => facts.brand.map(str::to_owned),
        _ => return None,
    };
    let Some(fact) = fact else { return Some(true) };
    let order = match name.to_lowercase().as_str() {
        "brand" if operator.len() == 1 && "<>".contains(operator) => return None,
        "brand" if ["<=", ">="].contains(&operator) => return None,
        "brand" if fact.to_lowercase() == value.to_lowercase() => Ordering::Equal,
        "brand" => Ordering::Less,
        _ => compare_versions(&fact, value)?,
    };
    let holds = orders.contains(&order);
    let written = format!(
        "{name} {} {value}",
        if operator == "!" { "!=" } else { operator }
    );
    (holds || written.len() < 128).then_some(holds)
}

/// Better verdicts before worse.
fn rank(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Met => 0,
        Verdict::MetByMinorVersion { .. } => 1,
        Verdict::Undecided { .. } => 2,
        Verdict::Unmet { .. } => 3,
    }
}

fn well_formed_factor() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">=", "!"]);
    let version = prop_oneof![
        "1[0-4](\\.[0-9]){0,2}",
        prop::sample::select(vec!["450", "525.60.13", "550", "550.54.15", "551", "9.0"])
            .prop_map(str::to_owned),
    ];
    let brand = ("brand(=|!=)", "tesla|GeForce|unknown");
    prop_oneof![
        3 => ("cuda|CUDA|driver|arch", operator, version)
            .prop_map(|(name, operator, value)| format!("{name}{operator}{value}")),
        1 => brand.prop_map(|(name, value)| name + &value),
    ]
}

fn any_factor() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => well_formed_factor(),
        1 => prop::sample::select(vec![
            "", "cuda", "cuda>=", "cuda=>12", "os=linux", "brand<x", "cuda>=x", "driver<1.99999999999999999999",
            "driver>=550.99999999999999999999", "arch>=.9", "driver>=999..", "=",
        ]).prop_map(str::to_owned),
        1 => (0..200usize).prop_map(|zeros| format!("driver>=999{}", ".0".repeat(zeros))),
    ]
}

fn expression(
    factor: impl Strategy<Value = String>,
    most: usize,
) -> impl Strategy<Value = Vec<String>> {
    let alternative = prop::collection::vec(factor, 1..4).prop_map(|factors| factors.join(","));
    prop::collection::vec(alternative, 1..most)
}

fn facts() -> impl Strategy<Value = Facts<'static>> {
    let drivers = vec!["450.51.06", "450.80.02", "550.54.15", "580.159.04", "700.1"];
    (
        prop::option::of(prop::sample::select(drivers)),
        prop::option::of((10..15u32, 0..10u32)),
        prop::option::of((8..11u32, 0..2u32)),
        prop::option::of(prop::sample::select(vec!["Tesla", "geforce"])),
    )
        .prop_map(|(driver, cuda, architecture, brand)| Facts {
            driver,
            cuda,
            architecture,
            brand,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn as_the_reference_to_the_letter(parts in expression(any_factor(), 5), mut facts in facts()) {
        let expression = parts.join(" ");
        // The reference is told the CUDA version, and derives nothing.
        if facts.cuda.is_none() {
            facts.driver = None;
        }
        let found = judge(&expression, &facts, Reading::Strict);
        let found = found.as_ref().map(|verdict| !verdict.is_unmet()).ok();
        prop_assert_eq!(found, reference(&expression, &facts), "{}", expression);
    }

    #[test]
    fn to_the_letter_nothing_is_relaxed(parts in expression(any_factor(), 5), facts in facts()) {
        let expression = parts.join(" ");
        let relaxed = judge(&expression, &facts, Reading::MinorVersion);
        match judge(&expression, &facts, Reading::Strict) {
            Ok(Verdict::MetByMinorVersion { .. }) => prop_assert!(false, "strict is strict"),
            Ok(strict) => prop_assert!(rank(&relaxed.unwrap()) <= rank(&strict)),
            Err(error) => prop_assert!(relaxed.is_ok() || relaxed == Err(error)),
        }
    }

    #[test]
    fn the_order_of_alternatives_is_nothing(
        parts in expression(well_formed_factor(), 5),
        facts in facts(),
        seed in any::<prop::sample::Index>(),
    ) {
        let mut turned = parts.clone();
        turned.rotate_left(seed.index(parts.len()));
        turned.reverse();
        for reading in [Reading::Strict, Reading::MinorVersion] {
            let one = judge(&parts.join(" "), &facts, reading).unwrap();
            let other = judge(&turned.join(" "), &facts, reading).unwrap();
            prop_assert_eq!(rank(&one), rank(&other));
            if let (Verdict::Undecided { missing }, Verdict::Undecided { missing: same }) = (one, other) {
                prop_assert_eq!(missing, same);
            }
        }
    }

    #[test]
    fn an_alternative_more_makes_it_no_worse_and_a_factor_more_no_better(
        parts in expression(well_formed_factor(), 4),
        more in well_formed_factor(),
        facts in facts(),
    ) {
        for reading in [Reading::Strict, Reading::MinorVersion] {
            let alone = judge(&parts.join(" "), &facts, reading).unwrap();
            let wider = judge(&format!("{} {more}", parts.join(" ")), &facts, reading).unwrap();
            prop_assert!(rank(&wider) <= rank(&alone));
            let narrower: Vec<String> = parts.iter().map(|part| format!("{part},{more}")).collect();
            let narrower = judge(&narrower.join(" "), &facts, reading).unwrap();
            prop_assert!(rank(&narrower) >= rank(&alone));
        }
    }

    /// What is undecided is decided by what is said to be missing, one way or the other; what is decided stays.
    #[test]
    fn more_knowledge_decides(parts in expression(well_formed_factor(), 4), facts in facts()) {
        let expression = parts.join(" ");
        let known = |facts: &Facts<'_>| judge(&expression, facts, Reading::MinorVersion).unwrap();
        let all = Facts {
            driver: facts.driver.or(Some("550.54.15")),
            cuda: facts.cuda.or(Some((12, 4))),
            architecture: facts.architecture.or(Some((9, 0))),
            brand: facts.brand.or(Some("tesla")),
        };
        let decided = known(&all);
        let is_decided = !matches!(decided, Verdict::Undecided { .. });
        prop_assert!(is_decided);
        match known(&facts) {
            Verdict::Undecided { missing } => {
                prop_assert!(missing.iter().count() > 0);
                for (property, is_known) in [
                    (Property::Driver, facts.driver.is_some()),
                    (Property::Cuda, facts.cuda.is_some()),
                    (Property::Architecture, facts.architecture.is_some()),
                    (Property::Brand, facts.brand.is_some()),
                ] {
                    prop_assert!(!is_known || !missing.contains(property));
                }
            }
            // A driver's branch speaks for the version that it would tell.
            _ if facts.cuda.is_none() => {}
            Verdict::MetByMinorVersion { .. } => prop_assert!(rank(&decided) <= 1),
            verdict => prop_assert_eq!(rank(&verdict), rank(&decided)),
        }
    }

    #[test]
    fn never_a_panic_and_nothing_wild_in_messages(text in "[ ,<>=!.0-9a-d]{0,40}|.*", facts in facts()) {
        for reading in [Reading::Strict, Reading::MinorVersion] {
            let shown = match judge(&text, &facts, reading) {
                Ok(Verdict::MetByMinorVersion { asked, .. }) => asked,
                Ok(Verdict::Unmet { first }) => unsatisfied_condition(&first),
                Ok(_) => continue,
                Err(error) => error.to_string(),
            };
            prop_assert!(shown.chars().count() < 256 && !shown.contains(char::is_control));
        }
    }
}
