//! GPUs as people, clouds and drivers write them.

use liftgate_cuda::gpu::{Architecture, Capability, Class, Gpu};
use proptest::prelude::*;

#[test]
fn names() {
    use Class::{DataCentre, GeForce, Jetson, Workstation};
    for (text, capability, class) in [
        ("H100", (9, 0), DataCentre),
        ("NVIDIA H100 80GB HBM3", (9, 0), DataCentre),
        ("NVIDIA H100 80GB HBM3 MIG 1g.10gb", (9, 0), DataCentre),
        ("h100nvl", (9, 0), DataCentre),
        ("nvidia-h100-nvl", (9, 0), DataCentre),
        ("H200", (9, 0), DataCentre),
        ("GH200 480GB", (9, 0), DataCentre),
        ("A100", (8, 0), DataCentre),
        ("NVIDIA A100-SXM4-80GB", (8, 0), DataCentre),
        ("a100-40g", (8, 0), DataCentre),
        ("GRID A100X-40C", (8, 0), DataCentre),
        ("A30", (8, 0), DataCentre),
        ("A10", (8, 6), DataCentre),
        ("NVIDIA A10G", (8, 6), DataCentre),
        ("NVIDIA A40-48Q", (8, 6), DataCentre),
        ("L4", (8, 9), DataCentre),
        ("NVIDIA L40S", (8, 9), DataCentre),
        ("T4", (7, 5), DataCentre),
        ("Tesla T4", (7, 5), DataCentre),
        ("V100", (7, 0), DataCentre),
        ("Tesla V100-SXM2-16GB", (7, 0), DataCentre),
        ("P100", (6, 0), DataCentre),
        ("P40", (6, 1), DataCentre),
        ("K80", (3, 7), DataCentre),
        ("Tesla K80", (3, 7), DataCentre),
        ("M60", (5, 2), DataCentre),
        ("B200", (10, 0), DataCentre),
        ("GB200", (10, 0), DataCentre),
        ("B300", (10, 3), DataCentre),
        ("GB300", (10, 3), DataCentre),
        ("GB10", (12, 1), Workstation),
        ("DGX Spark", (12, 1), Workstation),
        ("RTX 4090", (8, 9), GeForce),
        ("rtx4090", (8, 9), GeForce),
        ("4090", (8, 9), GeForce),
        ("NVIDIA GeForce RTX 3090 Ti", (8, 6), GeForce),
        ("3080ti", (8, 6), GeForce),
        ("RTX 5090", (12, 0), GeForce),
        ("NVIDIA GeForce RTX 4060 Laptop GPU", (8, 9), GeForce),
        ("RTX 2080 SUPER", (7, 5), GeForce),
        ("GTX 1660 Ti", (7, 5), GeForce),
        ("GTX 1080 Ti", (6, 1), GeForce),
        ("gtx1080ti", (6, 1), GeForce),
        ("GTX 980", (5, 2), GeForce),
        ("GTX 750 Ti", (5, 0), GeForce),
        ("TITAN RTX", (7, 5), GeForce),
        ("NVIDIA TITAN V", (7, 0), GeForce),
        ("TITAN Xp", (6, 1), GeForce),
        ("RTX A6000", (8, 6), Workstation),
        ("A6000", (8, 6), Workstation),
        ("NVIDIA RTX 6000 Ada Generation", (8, 9), Workstation),
        ("Quadro RTX 6000", (7, 5), Workstation),
        ("RTX 8000", (7, 5), Workstation),
        (
            "NVIDIA RTX PRO 6000 Blackwell Server Edition",
            (12, 0),
            Workstation,
        ),
        ("Quadro P4000", (6, 1), Workstation),
        ("Orin", (8, 7), Jetson),
        ("Jetson AGX Orin", (8, 7), Jetson),
        ("Jetson Orin Nano", (8, 7), Jetson),
        ("Xavier", (7, 2), Jetson),
        ("Jetson Nano", (5, 3), Jetson),
        ("Jetson TX2", (6, 2), Jetson),
        ("Thor", (11, 0), Jetson),
    ] {
        let gpu = Gpu::parse(text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            gpu.capability,
            Capability::new(capability.0, capability.1),
            "{text}"
        );
        assert_eq!(gpu.class, Some(class), "{text}");
        assert!(gpu.model.is_some(), "{text}");
    }
}

#[test]
fn numbers() {
    for (text, capability) in [
        ("sm_90", (9, 0)),
        ("9.0", (9, 0)),
        ("90", (9, 0)),
        ("sm_90a", (9, 0)),
        ("86", (8, 6)),
        ("12.0", (12, 0)),
        ("hopper", (9, 0)),
        ("Ada", (8, 9)),
        ("Turing", (7, 5)),
    ] {
        let gpu = Gpu::parse(text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            gpu.capability,
            Capability::new(capability.0, capability.1),
            "{text}"
        );
        assert_eq!((gpu.model, gpu.class), (None, None), "{text}");
    }
    assert_eq!(Gpu::parse("87").unwrap().class, Some(Class::Jetson));
    for (text, model) in [
        ("10de:2330", "H100"),
        ("0x2684", "GeForce RTX 4090"),
        ("10de:1eb8", "Tesla T4"),
        ("10de:2901", "B200"),
    ] {
        assert_eq!(Gpu::parse(text).unwrap().model, Some(model), "{text}");
    }
    // An engineering sample: the chip is known, the model is not.
    let gpu = Gpu::parse("10de:23f0").unwrap();
    assert_eq!(
        (gpu.model, gpu.architecture()),
        (None, Some(Architecture::Hopper))
    );
}

#[test]
fn what_is_not_a_gpu_or_several() {
    for text in [
        "",
        "gpu",
        "H",
        "H101",
        "H1000",
        "RTX",
        "RTX 9999",
        "radeon",
        "A100 foo",
        "MI300X",
        "ampere",
        "blackwell",
        "10de:ffff",
        "1002:2330",
        "6.9",
    ] {
        let error = Gpu::parse(text).unwrap_err();
        assert!(error.candidates.is_empty(), "{text}: {error}");
        assert!(error.to_string().contains("is no GPU"), "{error}");
    }
    let error = Gpu::parse("RTX 6000").unwrap_err();
    assert_eq!(error.candidates, ["Quadro RTX 6000", "RTX 6000 Ada"]);
    assert!(
        !Gpu::parse("GeForce GT 730")
            .unwrap_err()
            .candidates
            .is_empty()
    );
    assert!(Gpu::parse(&"h100 ".repeat(1000)).is_err());
}

/// The drivers' own names of every model are understood as that model.
#[test]
fn forward_compatibility_agrees_with_the_names_of_drivers() {
    for (name, expected) in [
        ("NVIDIA GeForce RTX 4090", false),
        ("NVIDIA TITAN RTX", false),
        ("NVIDIA A100-SXM4-80GB", true),
        ("Tesla T4", true),
    ] {
        assert_eq!(liftgate_cuda::has_forward_compatibility(name), expected);
        assert_eq!(
            Gpu::parse(name).unwrap().class != Some(Class::GeForce),
            expected,
            "{name}"
        );
    }
}

proptest! {
    #[test]
    fn never_a_panic(text in ".{0,120}") {
        let _ignored = Gpu::parse(&text).is_ok();
    }

    #[test]
    fn words_of_names(text in "((nvidia|tesla|geforce|rtx|gtx|h100|a100|4090|ti|sm_|9\\.0|80gb|10de:|0x|2330|-| ){1,6})") {
        match Gpu::parse(&text) {
            Ok(gpu) => prop_assert!(gpu.architecture().is_some()),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}
