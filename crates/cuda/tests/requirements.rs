//! Requirements, as tables: the grammar, what images really ask for, and what is added to the letter.

use liftgate_cuda::{
    Facts, InvalidExpression, LONGEST_EXPRESSION, Property, Reading, Verdict, judge,
    unsatisfied_condition,
};
use std::fmt::Write;

/// A machine with driver 550.54.15, hence CUDA 12.4, and a data-center GPU.
const H100: Facts<'static> = Facts {
    driver: Some("550.54.15"),
    cuda: None,
    architecture: Some((9, 0)),
    brand: Some("Tesla"),
};

/// What NVIDIA's image of CUDA 11.8 asks for.
const CUDA_11_8: &str = "cuda>=11.8 brand=tesla,driver>=450,driver<451 brand=tesla,driver>=470,driver<471 brand=unknown,driver>=470,driver<471 brand=nvidia,driver>=470,driver<471 brand=nvidiartx,driver>=470,driver<471 brand=quadrortx,driver>=470,driver<471 brand=unknown,driver>=510,driver<511 brand=nvidia,driver>=510,driver<511 brand=nvidiartx,driver>=510,driver<511 brand=quadrortx,driver>=510,driver<511 brand=unknown,driver>=515,driver<516 brand=nvidia,driver>=515,driver<516 brand=nvidiartx,driver>=515,driver<516 brand=quadrortx,driver>=515,driver<516";

/// What NVIDIA's images of CUDA 12.9 and later ask for.
fn since_12_9(cuda: &str, branches: &[u32]) -> String {
    let mut expression = format!("cuda>={cuda}");
    for branch in branches {
        for brand in [
            "unknown",
            "grid",
            "tesla",
            "nvidia",
            "quadro",
            "quadrortx",
            "nvidiartx",
            "vapps",
            "vpc",
            "vcs",
            "vws",
            "cloudgaming",
        ] {
            write!(
                expression,
                " brand={brand},driver>={branch},driver<{}",
                branch + 1
            )
            .expect("a string takes everything");
        }
    }
    expression
}

/// One word for a verdict, with what matters of it.
fn word(verdict: Result<Verdict, InvalidExpression>) -> String {
    match verdict {
        Ok(Verdict::Met) => "met".to_owned(),
        Ok(Verdict::MetByMinorVersion { asked, driver_cuda }) => {
            format!("{asked} on {}.{}", driver_cuda.0, driver_cuda.1)
        }
        Ok(Verdict::Undecided { missing }) => {
            let names: Vec<&str> = missing.iter().map(Property::name).collect();
            format!("needs {}", names.join(","))
        }
        Ok(Verdict::Unmet { first }) => format!("not {first}"),
        Err(error) => {
            let text = error.to_string();
            assert!(text.starts_with("invalid expression"), "{text}");
            "invalid".to_owned()
        }
    }
}

fn check(facts: &Facts<'_>, reading: Reading, rows: &[(&str, &str)]) {
    for (expression, expected) in rows {
        let found = word(judge(expression, facts, reading));
        assert_eq!(found, *expected, "{expression:?} on {facts:?}");
    }
}

#[test]
fn to_the_letter() {
    check(
        &H100,
        Reading::Strict,
        &[
            ("cuda>=12.4", "met"),
            ("cuda>=12.4.0", "met"),
            ("cuda>=12.4.1", "not cuda>=12.4.1"),
            ("cuda>=12.10", "not cuda>=12.10"),
            ("cuda>=12.8", "not cuda>=12.8"),
            ("CUDA>=12.8", "not CUDA>=12.8"),
            ("cuda>12.4", "not cuda>12.4"),
            ("cuda>12.3", "met"),
            ("cuda=12.4", "met"),
            ("cuda!=12.4", "not cuda!=12.4"),
            ("cuda!12.4", "not cuda!12.4"),
            ("cuda<12.4", "not cuda<12.4"),
            ("cuda<=12.4", "met"),
            ("driver>=550.54.15", "met"),
            ("driver>=550.54.16", "not driver>=550.54.16"),
            ("driver<551", "met"),
            ("arch>=9", "met"),
            ("Arch>=10.0", "not Arch>=10.0"),
            ("brand=TESLA", "met"),
            ("brand=geforce", "not brand=geforce"),
            ("brand!=geforce", "met"),
            ("brand!=tesla", "not brand!=tesla"),
            // The toolkit's Go code ignores unknown properties; the program that judges most containers does not.
            ("foo>=1", "invalid"),
            ("cuda", "invalid"),
            ("cuda>=", "invalid"),
            ("cuda>=twelve", "invalid"),
            ("cuda>=12.4-rc", "invalid"),
            ("cuda>=.4", "invalid"),
            ("cuda>=18446744073709551616", "invalid"),
            ("cuda<4294967296", "met"),
            ("cuda==12.4", "invalid"),
            ("cuda >= 12.4", "invalid"),
            ("brand<tesla", "invalid"),
            ("cuda>=12.4\tcuda>=11", "invalid"),
        ],
    );
}

#[test]
fn alternatives_and_factors() {
    check(
        &H100,
        Reading::Strict,
        &[
            ("cuda>=99 cuda>=11", "met"),
            ("cuda>=99 cuda>=98", "not cuda>=99"),
            ("brand=geforce cuda>=99", "not brand=geforce"),
            ("cuda>=11,driver>=450", "met"),
            ("cuda>=11,driver>=560", "not cuda>=11,driver>=560"),
            ("cuda>=11,driver>=560 arch>=9", "met"),
            ("  cuda>=99   cuda>=98 ", "not cuda>=99"),
            (",cuda>=11,,driver>=450,", "met"),
            (",cuda>=11,,driver>=560,", "not ,cuda>=11,,driver>=560,"),
            ("", "met"),
            ("   ", "met"),
            // Nothing but commas ends the reading.
            (",", "met"),
            (", cuda>=99", "met"),
            ("cuda>=99 ,, cuda>=11", "not cuda>=99"),
        ],
    );
}

#[test]
fn invalid_where_it_is_reached() {
    check(
        &H100,
        Reading::Strict,
        &[
            ("cuda>=11 nonsense", "met"),
            ("nonsense cuda>=11", "invalid"),
            ("cuda>=99 nonsense", "invalid"),
            ("cuda>=99,nonsense cuda>=11", "met"),
            ("cuda>=11,nonsense cuda>=11", "invalid"),
            ("cuda>=99 , nonsense", "not cuda>=99"),
            // Not compared so far as to meet the letter.
            ("driver>=549.99999999999999999999", "met"),
            ("driver>=550.99999999999999999999", "invalid"),
        ],
    );
}

/// The reference writes a factor that fails into a buffer of 128 bytes, with two blanks and an end, and takes one
/// that does not fit for invalid.
#[test]
fn long_factors() {
    let brand = |length: usize| "a".repeat(length);
    let version = |length: usize| "999".to_owned() + &".0".repeat(length)[..length - 3];
    // The third is written as the second.
    for (start, written) in [
        ("brand=", "brand="),
        ("brand!=", "brand!="),
        ("brand!", "brand!="),
        ("driver>", "driver>"),
        ("cuda>=", "cuda>="),
    ] {
        let longest = 128 - 3 - written.len();
        for (length, fits) in [(longest, true), (longest + 1, false)] {
            let is_brand = start.starts_with("brand");
            let name = if is_brand {
                brand(length)
            } else {
                version(length)
            };
            let facts = Facts {
                brand: Some(if start.contains('!') { &name } else { "tesla" }),
                ..H100
            };
            for reading in [Reading::Strict, Reading::MinorVersion] {
                match judge(&format!("{start}{name}"), &facts, reading) {
                    Ok(verdict) => assert!(fits && verdict.is_unmet(), "{start}{name}"),
                    Err(error) => assert!(!fits && error.reason == "is too long", "{error}"),
                }
            }
        }
    }
    // One that holds is never written.
    let long = format!("driver<560{} driver<1", ".0".repeat(200));
    assert_eq!(judge(&long, &H100, Reading::Strict), Ok(Verdict::Met));
    // One that only compatibility lets hold is one that fails to the letter.
    let long = format!("cuda>=12.8{}", ".0".repeat(200));
    assert!(judge(&long, &H100, Reading::MinorVersion).is_err());
}

#[test]
fn long_expressions() {
    let start = "cuda>=99";
    let fits = start.to_owned() + &" ".repeat(LONGEST_EXPRESSION - start.len());
    assert_eq!(word(judge(&fits, &H100, Reading::Strict)), "not cuda>=99");
    let error = judge(&(fits + " "), &H100, Reading::Strict).unwrap_err();
    assert_eq!(error.reason, "is too long");
    assert!(error.to_string().chars().count() < 160, "{error}");
}

#[test]
fn what_is_shown_is_short_and_printable() {
    let esc = "brand=\u{1b}[31m\n";
    assert_eq!(
        word(judge(esc, &H100, Reading::Strict)),
        "not brand=\u{fffd}[31m\u{fffd}"
    );
    let first = ["arch<1"; 1000].join(",") + " brand=x";
    let Ok(Verdict::Unmet { first }) = judge(&first, &H100, Reading::Strict) else {
        panic!("it is unmet")
    };
    assert_eq!(first.chars().count(), 121);
    let error = judge(&("x\u{7}".repeat(1000)), &H100, Reading::Strict).unwrap_err();
    assert_eq!(error.part.chars().count(), 121);
    assert!(!error.to_string().contains(char::is_control));
}

#[test]
fn what_is_not_known_is_said() {
    let nothing = Facts::default();
    check(
        &nothing,
        Reading::Strict,
        &[
            ("cuda>=99", "needs cuda"),
            (
                "cuda>=99,driver>=1 brand=x arch<1",
                "needs cuda,driver,arch,brand",
            ),
            // The name and the operator are looked at, the value is not.
            ("cuda>=twelve", "needs cuda"),
            ("brand<x", "needs brand"),
            ("cuda>=", "invalid"),
            ("os=linux", "invalid"),
            ("", "met"),
        ],
    );
    let no_gpu = Facts {
        architecture: None,
        brand: None,
        ..H100
    };
    check(
        &no_gpu,
        Reading::Strict,
        &[
            ("cuda>=12.4 brand=tesla", "met"),
            ("brand=tesla cuda>=12.4", "met"),
            (
                "cuda>=12.8 brand=tesla,driver>=535,driver<536",
                "not cuda>=12.8",
            ),
            (
                "cuda>=12.8 brand=tesla,driver>=550,driver<551",
                "needs brand",
            ),
            ("brand=tesla,arch>=9", "needs arch,brand"),
            ("brand=tesla,cuda>=12.8", "not brand=tesla,cuda>=12.8"),
            // Whether the invalid part is reached hangs on the brand.
            ("brand=tesla nonsense", "needs brand"),
            ("brand=tesla nonsense cuda>=12.4", "needs brand"),
            ("brand=tesla,nonsense", "invalid"),
        ],
    );
    let newer_than_the_table = Facts {
        driver: Some("700.10"),
        ..H100
    };
    check(
        &newer_than_the_table,
        Reading::MinorVersion,
        &[("cuda>=12.8", "needs cuda"), ("driver>=580", "met")],
    );
    let ill_formed = Facts {
        driver: Some("550-beta"),
        ..H100
    };
    check(
        &ill_formed,
        Reading::MinorVersion,
        &[
            ("cuda>=12.4", "needs cuda"),
            ("driver>=580", "needs driver"),
        ],
    );
    let told = Facts {
        cuda: Some((13, 0)),
        ..H100
    };
    check(
        &told,
        Reading::Strict,
        &[("cuda>=12.8", "met"), ("cuda>13", "not cuda>13")],
    );
}

#[test]
fn minor_version_compatibility() {
    check(
        &H100,
        Reading::MinorVersion,
        &[
            ("cuda>=12.4", "met"),
            ("cuda>=12.8", "cuda>=12.8 on 12.4"),
            ("CUDA>12.8", "CUDA>12.8 on 12.4"),
            ("cuda>12.4", "cuda>12.4 on 12.4"),
            ("cuda>=12.4.1", "cuda>=12.4.1 on 12.4"),
            ("cuda>=13.0", "not cuda>=13.0"),
            ("cuda>=11.8", "met"),
            // Only "at least" is relaxed.
            ("cuda=12.8", "not cuda=12.8"),
            ("cuda<12.4", "not cuda<12.4"),
            ("cuda<=12.3", "not cuda<=12.3"),
            ("cuda!=12.4", "not cuda!=12.4"),
            ("driver>=550.60", "not driver>=550.60"),
            ("arch>=9.1", "not arch>=9.1"),
            ("arch>=12.0", "not arch>=12.0"),
            // Together with others.
            ("cuda>=12.8,arch>=9", "cuda>=12.8 on 12.4"),
            ("cuda>=12.8,arch>=10", "not cuda>=12.8,arch>=10"),
            ("cuda>=12.6,cuda>=12.8", "cuda>=12.6 on 12.4"),
            ("cuda>=12.8 cuda>=12.6", "cuda>=12.8 on 12.4"),
            ("cuda>=12.8 brand=tesla,driver>=550,driver<551", "met"),
            ("cuda>=12.8 nonsense", "cuda>=12.8 on 12.4"),
            ("cuda>=13 nonsense", "invalid"),
            ("cuda>=12.8 brand<x arch>=9", "cuda>=12.8 on 12.4"),
            // To the letter the invalid part is not reached, so the compatibility must not make it matter.
            ("cuda>=12.8,nonsense", "not cuda>=12.8,nonsense"),
            ("cuda>=12.8,nonsense cuda>=11", "met"),
            ("cuda>=11,nonsense", "invalid"),
        ],
    );
    for (driver, cuda, expression, expected) in [
        // At the floor of each major, and below it.
        ("580.65.06", None, "cuda>=13.2", "cuda>=13.2 on 13.0"),
        ("580.65.05", None, "cuda>=13.2", "not cuda>=13.2"),
        ("525.60.13", None, "cuda>=12.9", "cuda>=12.9 on 12.0"),
        ("525.00", None, "cuda>=12.9", "not cuda>=12.9"),
        ("450.80.02", None, "cuda>=11.8", "cuda>=11.8 on 11.0"),
        ("450.51.06", None, "cuda>=11.8", "not cuda>=11.8"),
        ("520.61.05", None, "cuda>=12.0", "not cuda>=12.0"),
        // Majors without, or of which nothing is known.
        ("418.39", None, "cuda>=10.2", "not cuda>=10.2"),
        ("700.10", Some((14, 0)), "cuda>=14.1", "not cuda>=14.1"),
    ] {
        let facts = Facts {
            driver: Some(driver),
            cuda,
            ..H100
        };
        let found = word(judge(expression, &facts, Reading::MinorVersion));
        assert_eq!(found, expected, "{expression} on {driver}");
        let strict = word(judge(expression, &facts, Reading::Strict));
        assert_eq!(
            strict,
            format!("not {expression}"),
            "{expression} on {driver}"
        );
    }
    // The floor cannot be looked at.
    let told = Facts {
        driver: None,
        cuda: Some((12, 4)),
        ..H100
    };
    check(
        &told,
        Reading::MinorVersion,
        &[("cuda>=12.8", "needs driver"), ("cuda>=13", "not cuda>=13")],
    );
    check(&told, Reading::Strict, &[("cuda>=12.8", "not cuda>=12.8")]);
    assert_eq!(Reading::default(), Reading::MinorVersion);
}

/// Who could not start NVIDIA's images, and who could.
#[test]
fn images_of_nvidia() {
    let of_12_9 = since_12_9("12.9", &[535, 550, 560, 565, 570]);
    let of_13_2 = since_12_9("13.2", &[535, 570, 580, 590]);
    let unmet = |cuda: &str| format!("not cuda>={cuda}");
    for (image, driver, brand, strict, relaxed) in [
        // Branches for which the image brings newer CUDA libraries, on GPUs where these are allowed.
        (CUDA_11_8, "450.80.02", "tesla", "met".to_owned(), "met"),
        (CUDA_11_8, "470.57.02", "tesla", "met".to_owned(), "met"),
        (CUDA_11_8, "510.47.03", "nvidia", "met".to_owned(), "met"),
        (&of_12_9, "535.104.05", "Tesla", "met".to_owned(), "met"),
        (&of_12_9, "570.26", "NvidiaRTX", "met".to_owned(), "met"),
        (&of_13_2, "580.95.05", "Nvidia", "met".to_owned(), "met"),
        // New enough for anything.
        (CUDA_11_8, "520.61.05", "geforce", "met".to_owned(), "met"),
        (&of_12_9, "580.65.06", "geforcertx", "met".to_owned(), "met"),
        // Refused to the letter, and able to run it.
        (
            CUDA_11_8,
            "515.43.04",
            "geforce",
            unmet("11.8"),
            "cuda>=11.8 on 11.7",
        ),
        (
            CUDA_11_8,
            "460.32.03",
            "tesla",
            unmet("11.8"),
            "cuda>=11.8 on 11.2",
        ),
        (
            &of_12_9,
            "550.54.15",
            "geforce",
            unmet("12.9"),
            "cuda>=12.9 on 12.4",
        ),
        (
            &of_13_2,
            "580.95.05",
            "titanrtx",
            unmet("13.2"),
            "cuda>=13.2 on 13.0",
        ),
        // Too old.
        (
            CUDA_11_8,
            "440.33.01",
            "tesla",
            unmet("11.8"),
            "not cuda>=11.8",
        ),
        (
            &of_12_9,
            "520.61.05",
            "geforce",
            unmet("12.9"),
            "not cuda>=12.9",
        ),
        (
            &of_13_2,
            "575.51.03",
            "geforce",
            unmet("13.2"),
            "not cuda>=13.2",
        ),
    ] {
        let facts = Facts {
            driver: Some(driver),
            brand: Some(brand),
            ..Facts::default()
        };
        let found = word(judge(image, &facts, Reading::Strict));
        assert_eq!(found, strict, "{driver} {brand}: {image}");
        let found = word(judge(image, &facts, Reading::MinorVersion));
        assert_eq!(found, relaxed, "{driver} {brand}: {image}");
    }
    // When the brand has to be asked for: where it is the branch's that decides, and nothing else lets it in.
    for (image, driver, strict, relaxed) in [
        (&of_12_9, "580.65.06", "met", "met"),
        (&of_12_9, "550.54.15", "needs brand", "cuda>=12.9 on 12.4"),
        (
            &of_12_9,
            "545.23.06",
            "not cuda>=12.9",
            "cuda>=12.9 on 12.3",
        ),
        (&of_12_9, "520.61.05", "not cuda>=12.9", "not cuda>=12.9"),
        (&of_13_2, "570.26", "needs brand", "needs brand"),
    ] {
        let facts = Facts {
            driver: Some(driver),
            ..Facts::default()
        };
        check(&facts, Reading::Strict, &[(image, strict)]);
        check(&facts, Reading::MinorVersion, &[(image, relaxed)]);
    }
}

#[test]
fn the_sentence_people_search_for() {
    let advice = ", please update your driver to a newer version, or use an earlier cuda container";
    for (first, has_advice) in [
        ("cuda>=12.8", true),
        ("cuda>=12.8,driver>=560", true),
        ("CUDA>=12.8", false),
        ("cuda>12.8", false),
        ("brand=tesla", false),
        ("", false),
    ] {
        let advice = if has_advice { advice } else { "" };
        assert_eq!(
            unsatisfied_condition(first),
            format!("unsatisfied condition: {first}{advice}")
        );
    }
}
