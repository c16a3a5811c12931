//! Which code runs on which GPU.

use liftgate_cuda::Cuda;
use liftgate_cuda::code::{Loading, Target, cmake_list, loading, nearest_target, torch_list};
use liftgate_cuda::gpu::Capability;
use proptest::prelude::*;

fn targets(text: &str) -> Vec<Target> {
    text.split(' ')
        .map(|word| Target::parse(word).unwrap_or_else(|| panic!("{word}")))
        .collect()
}

fn how(code: &str, gpu: (u8, u8)) -> String {
    match loading(&targets(code), Capability::new(gpu.0, gpu.1)) {
        Loading::Native(target) => format!("native {target}"),
        Loading::Jit(target) => format!("jit {target}"),
        Loading::No => "no".to_owned(),
    }
}

#[test]
fn machine_code_and_ptx() {
    for (code, gpu, expected) in [
        ("sm_80", (8, 0), "native sm_80"),
        ("sm_80", (8, 6), "native sm_80"),
        ("sm_80 sm_86", (8, 9), "native sm_86"),
        ("sm_86", (8, 0), "no"),
        ("sm_80", (9, 0), "no"),
        ("sm_80 compute_80", (9, 0), "jit compute_80"),
        ("compute_80", (8, 0), "jit compute_80"),
        ("sm_70 compute_70", (7, 5), "native sm_70"),
        ("compute_50 compute_70", (8, 0), "jit compute_70"),
        ("compute_90", (8, 9), "no"),
        ("sm_90a", (9, 0), "native sm_90a"),
        ("sm_90a", (10, 0), "no"),
        ("compute_90a", (10, 0), "no"),
        ("sm_90 sm_90a", (9, 0), "native sm_90a"),
        ("sm_100", (10, 3), "native sm_100"),
        ("sm_100a", (10, 3), "no"),
        ("sm_100f", (10, 3), "native sm_100f"),
        ("sm_103f", (10, 0), "no"),
        ("sm_100f", (12, 0), "no"),
        ("compute_100f", (12, 0), "no"),
        ("sm_120", (12, 1), "native sm_120"),
        ("sm_120f", (12, 1), "native sm_120f"),
        ("sm_121", (12, 0), "no"),
        // Servers' code on a Jetson and the other way round.
        ("sm_80 sm_86", (8, 7), "no"),
        ("sm_87", (8, 9), "no"),
        ("sm_87", (8, 7), "native sm_87"),
        ("sm_80 compute_80", (8, 7), "jit compute_80"),
    ] {
        assert_eq!(how(code, gpu), expected, "{code} on {gpu:?}");
    }
    assert_eq!(loading(&[], Capability::new(9, 0)), Loading::No);
}

#[test]
fn lists() {
    let text = |list: Vec<Target>| {
        list.iter()
            .map(Target::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        text(torch_list("7.0 7.5;8.6+PTX").unwrap()),
        "sm_70 sm_75 sm_86 compute_86"
    );
    assert_eq!(
        text(torch_list("9.0a Hopper+PTX").unwrap()),
        "sm_90a sm_90 compute_90"
    );
    assert_eq!(text(torch_list("Ampere").unwrap()), "sm_80 sm_86");
    assert_eq!(text(torch_list("").unwrap()), "");
    for wrong in ["80", "sm_80", "8.1", "8.0+ptx", "all"] {
        assert_eq!(torch_list(wrong), None, "{wrong}");
    }
    assert_eq!(
        text(cmake_list("75;80-real;90-virtual;90a").unwrap()),
        "sm_75 compute_75 sm_80 compute_90 sm_90a compute_90a"
    );
    for wrong in ["native", "all", "all-major", "8.0", "75-foo", "74", "75 80"] {
        assert_eq!(cmake_list(wrong), None, "{wrong}");
    }
    for wrong in [
        "", "sm_", "sm_9", "sm_91", "compute", "90", "sm_90aa", "sm_90x", "sm_٩٠",
    ] {
        assert_eq!(Target::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn toolkits() {
    let made = |target: &str, major, minor| {
        Target::parse(target)
            .unwrap()
            .is_made_by(Cuda::new(major, minor))
    };
    assert!(made("sm_70", 12, 9) && !made("sm_70", 13, 0));
    assert!(!made("sm_90", 11, 7) && made("sm_90", 11, 8));
    assert!(!made("sm_90a", 11, 8) && made("sm_90a", 12, 0));
    assert!(!made("sm_120", 12, 6) && made("sm_120", 12, 8));
    assert!(!made("sm_120f", 12, 8) && made("sm_120f", 12, 9));
    assert!(made("sm_35", 11, 8) && !made("sm_35", 12, 0));
    assert!(made("sm_101", 12, 9) && !made("sm_101", 13, 0));
}

#[test]
fn nearest() {
    for (toolkit, gpu, expected) in [
        ((11, 0), (8, 6), Some("sm_80")),
        ((11, 1), (8, 6), Some("sm_86")),
        ((11, 7), (8, 9), Some("sm_86")),
        ((11, 7), (9, 0), None),
        ((12, 8), (12, 1), Some("sm_120")),
        ((12, 6), (12, 0), None),
        ((13, 0), (7, 0), None),
        ((11, 0), (8, 7), None),
        ((12, 8), (11, 0), None),
    ] {
        let toolkit = Cuda::new(toolkit.0, toolkit.1);
        let found = nearest_target(toolkit, Capability::new(gpu.0, gpu.1));
        assert_eq!(
            found.map(|target| target.to_string()).as_deref(),
            expected,
            "{toolkit} {gpu:?}"
        );
    }
}

proptest! {
    #[test]
    fn never_a_panic(text in ".{0,60}") {
        let _ignored = (Target::parse(&text), torch_list(&text), cmake_list(&text));
    }

    /// What a list says is what its words say.
    #[test]
    fn written_and_read(picks in prop::collection::vec(0..27usize, 0..6)) {
        let all: Vec<Capability> = Capability::all().collect();
        let words: Vec<String> = picks.iter().map(|at| all[*at % all.len()].to_string()).collect();
        let list = torch_list(&words.join(" ")).unwrap();
        prop_assert_eq!(list.len(), words.len());
        for target in list {
            prop_assert_eq!(Target::parse(&target.to_string()), Some(target));
        }
    }
}
