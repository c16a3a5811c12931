//! Drivers and toolkits.

use liftgate_cuda::gpu::Class;
use liftgate_cuda::{
    Cuda, Driver, DriverVerdict, NoForward, UnknownDriver, judge_driver, toolkits,
};
use proptest::prelude::*;

fn judge(driver: &str, toolkit: &str, class: Option<Class>) -> DriverVerdict {
    let driver = Driver::parse(driver).unwrap_or_else(|| panic!("{driver}"));
    judge_driver(
        Cuda::parse(toolkit).unwrap_or_else(|| panic!("{toolkit}")),
        &driver,
        class,
    )
}

#[test]
fn the_same_version_or_a_newer_driver() {
    for (driver, toolkit) in [
        ("570.124.06", "12.8"),
        ("570.86.15", "12.8"),
        ("580.95.05", "12.8"),
        ("610.43.02", "11.8"),
        ("565.57.01", "12.6"),
        ("550.54.14", "12.4"),
        ("535.183.01", "12.2"),
        ("470.57.02", "10.2"),
        // Newer than the table.
        ("650.10", "13.3"),
        ("535", "12.2"),
    ] {
        assert_eq!(
            judge(driver, toolkit, None),
            DriverVerdict::Full,
            "{driver} {toolkit}"
        );
    }
}

/// What others refuse: every CUDA 12.x on every driver from 525.60.13 on, whatever the GPU.
#[test]
fn minor_versions() {
    for (driver, toolkit, floor, own) in [
        ("535.183.01", "12.8", "525.60.13", (12, 2)),
        ("535.183", "12.8", "525.60.13", (12, 2)),
        ("525.60.13", "12.9", "525.60.13", (12, 0)),
        ("525.105.17", "12.4", "525.60.13", (12, 0)),
        ("550.54.15", "12.9", "525.60.13", (12, 4)),
        ("470.256.02", "11.8", "450.80.02", (11, 4)),
        ("450.80.02", "11.8", "450.80.02", (11, 0)),
        ("580.65.06", "13.3", "580.65.06", (13, 0)),
        ("525", "12.9", "525.60.13", (12, 0)),
    ] {
        for class in [
            None,
            Some(Class::GeForce),
            Some(Class::DataCentre),
            Some(Class::Workstation),
        ] {
            let expected = DriverVerdict::MinorVersion {
                floor,
                driver_cuda: Some(Cuda::new(own.0, own.1)),
            };
            let verdict = judge(driver, toolkit, class);
            assert_eq!(verdict, expected, "{driver} {toolkit} {class:?}");
            assert_eq!(verdict.runs(), Some(true));
        }
    }
}

#[test]
fn the_whole_version_is_compared() {
    assert!(matches!(
        judge("525.00", "12.4", None),
        DriverVerdict::Refused { .. }
    ));
    assert!(matches!(
        judge("525.53", "12.4", None),
        DriverVerdict::Refused { .. }
    ));
    assert!(matches!(
        judge("525.60.11", "12.4", None),
        DriverVerdict::Refused { .. }
    ));
    assert!(matches!(
        judge("450.51.06", "11.4", None),
        DriverVerdict::Refused { .. }
    ));
    assert!(matches!(
        judge("525.60.13", "12.4", None),
        DriverVerdict::MinorVersion { .. }
    ));
}

#[test]
fn newer_libraries() {
    for (driver, toolkit, class, package, perhaps) in [
        (
            "470.256.02",
            "12.4",
            Class::DataCentre,
            "cuda-compat-12-4",
            false,
        ),
        (
            "535.183.01",
            "13.0",
            Class::DataCentre,
            "cuda-compat-13-0",
            false,
        ),
        (
            "570.133.20",
            "13.2",
            Class::DataCentre,
            "cuda-compat-13-2",
            false,
        ),
        (
            "535.183.01",
            "13.0",
            Class::Workstation,
            "cuda-compat-13-0",
            true,
        ),
    ] {
        let verdict = judge(driver, toolkit, Some(class));
        assert_eq!(
            verdict.runs(),
            (!perhaps).then_some(true),
            "{driver} {toolkit}"
        );
        let expected = DriverVerdict::Forward {
            package: package.to_owned(),
            is_for_some_models_only: perhaps,
        };
        assert_eq!(verdict, expected, "{driver} {toolkit}");
    }
}

#[test]
fn refused_with_the_error_that_one_would_see() {
    for (driver, toolkit, class, with_compat, floor) in [
        (
            "535.183.01",
            "13.0",
            Some(Class::GeForce),
            Some(804),
            "580.65.06",
        ),
        (
            "545.23.06",
            "13.0",
            Some(Class::DataCentre),
            Some(803),
            "580.65.06",
        ),
        (
            "470.256.02",
            "13.0",
            Some(Class::DataCentre),
            Some(803),
            "580.65.06",
        ),
        ("470.256.02", "12.4", None, None, "525.60.13"),
        ("390.157", "10.2", Some(Class::GeForce), Some(804), "440.33"),
    ] {
        let DriverVerdict::Refused {
            error,
            with_compat: found,
            floor: oldest,
            no_forward,
        } = judge(driver, toolkit, class)
        else {
            panic!("{driver} {toolkit}")
        };
        assert_eq!(
            (error.number, error.runtime_name),
            (35, "cudaErrorInsufficientDriver")
        );
        assert_eq!(
            found.map(|error| error.number),
            with_compat,
            "{driver} {toolkit}"
        );
        assert_eq!(oldest, floor, "{driver} {toolkit}");
        match no_forward {
            NoForward::Class => assert_eq!(class, Some(Class::GeForce)),
            NoForward::Base { bases } => assert!(!bases.is_empty() && with_compat == Some(803)),
            NoForward::UnknownGpu => assert_eq!(class, None),
            NoForward::NoLibraries => panic!("nobody has said what the image has"),
        }
    }
}

#[test]
fn numbers_of_windows_are_another_count() {
    for driver in ["551.78", "566.36", "600.1"] {
        let verdict = judge(driver, "12.4", Some(Class::GeForce));
        assert_eq!(
            verdict,
            DriverVerdict::Unknown(UnknownDriver::Branch),
            "{driver}"
        );
        assert_eq!(verdict.runs(), None);
    }
    let wsl = Driver::of_cuda(Cuda::new(12, 4));
    assert_eq!(
        judge_driver(Cuda::new(12, 4), &wsl, None),
        DriverVerdict::Full
    );
    assert!(matches!(
        judge_driver(Cuda::new(12, 8), &wsl, None),
        DriverVerdict::MinorVersion { .. }
    ));
    assert!(matches!(
        judge_driver(Cuda::new(13, 0), &wsl, Some(Class::GeForce)),
        DriverVerdict::Refused { .. }
    ));
    // What the driver says itself is better than its number.
    let driver = Driver::parse("551.78").unwrap().reporting(Cuda::new(12, 4));
    assert_eq!(
        judge_driver(Cuda::new(12, 4), &driver, None),
        DriverVerdict::Full
    );
}

#[test]
fn toolkits_that_there_are_not() {
    let verdict = judge("580.65.06", "14.0", None);
    assert_eq!(verdict, DriverVerdict::Unknown(UnknownDriver::Toolkit));
    assert_eq!(
        judge("650.1", "14.0", None),
        DriverVerdict::Unknown(UnknownDriver::Branch)
    );
}

#[test]
fn no_versions() {
    for text in [
        "", "12.8", "abc", "535.x", "-535", "5 35", "535..1", "299.1",
    ] {
        assert_eq!(Driver::parse(text), None, "{text}");
    }
    assert_eq!(Driver::parse("R535").unwrap().branch(), Some(535));
    assert_eq!(
        Driver::parse("535.183.01").unwrap().to_string(),
        "driver 535.183.01 (CUDA 12.2)"
    );
}

proptest! {
    /// A newer driver never runs less.
    #[test]
    fn newer_is_never_worse(at in 0..32usize, minor in 0..200u16, class in 0..5usize) {
        let class = [None, Some(Class::DataCentre), Some(Class::Workstation), Some(Class::GeForce), Some(Class::Jetson)][class];
        let branches: Vec<u16> = liftgate_cuda::Branch::all().map(|branch| branch.number).collect();
        let branch = branches[at % branches.len()];
        let newer = branches.get(at % branches.len() + 1).copied().unwrap_or(700);
        for toolkit in toolkits() {
            let of = |branch: u16, minor: u16| {
                let driver = Driver::parse(&format!("{branch}.{minor}.01")).unwrap();
                judge_driver(toolkit, &driver, class)
            };
            let is_native = |verdict: &DriverVerdict| matches!(verdict, DriverVerdict::Full | DriverVerdict::MinorVersion { .. });
            if is_native(&of(branch, minor)) {
                prop_assert!(is_native(&of(newer, minor)), "{branch} {newer} {toolkit}");
                prop_assert!(is_native(&of(branch, minor + 1)), "{branch} {toolkit}");
            }
        }
    }

    #[test]
    fn never_a_panic(text in "[0-9.R]{0,20}|.*") {
        if let Some(driver) = Driver::parse(&text) {
            for toolkit in toolkits() {
                judge_driver(toolkit, &driver, None);
            }
        }
    }
}
