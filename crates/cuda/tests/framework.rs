//! Wheels on drivers and GPUs.

use liftgate_cuda::framework::{
    Runs, TensorFlow, TorchFlavour, TorchWheel, WheelPresence, python_package,
};
use liftgate_cuda::gpu::Gpu;
use liftgate_cuda::{Cuda, Driver};
use proptest::prelude::*;

fn torch(wheel: &str, driver: &str, gpu: &str, has_compat: bool) -> Runs {
    let wheel = TorchWheel::parse(wheel).unwrap_or_else(|| panic!("{wheel}"));
    let driver = Driver::parse(driver).unwrap_or_else(|| panic!("{driver}"));
    let gpu = Gpu::parse(gpu).unwrap_or_else(|error| panic!("{error}"));
    wheel.judge(Some(&driver), Some(&gpu), has_compat).runs()
}

fn error(number: u16) -> Runs {
    Runs::No(liftgate_cuda::CudaError::of(number).unwrap_or_else(|| panic!("{number}")))
}

#[test]
fn wheels_on_machines() {
    for (wheel, driver, gpu, expected) in [
        ("2.4+cu118", "535.183.01", "H100", Runs::Yes),
        ("2.4.1", "535.183.01", "RTX 4090", Runs::Yes),
        ("2.8.0", "550.54.15", "RTX 3090", Runs::Yes),
        ("2.7+cu128", "570.124.06", "RTX 5090", Runs::Yes),
        ("2.7+cu128", "570.124.06", "GB10", Runs::Yes),
        ("2.8", "570.124.06", "V100", Runs::Yes),
        // No code for the GPU.
        ("2.4+cu121", "570.124.06", "RTX 5090", error(209)),
        ("2.6", "580.65.06", "B200", error(209)),
        ("2.7+cu128", "580.65.06", "V100", error(209)),
        ("2.11", "580.65.06", "V100", error(209)),
        ("2.14", "580.65.06", "GTX 1080", error(209)),
        ("2.14+cu126", "580.65.06", "V100", Runs::Yes),
        ("2.5", "550.54.15", "K80", error(209)),
        // The driver is too old, and the wheel does not say so: it goes on with the CPU.
        ("2.11", "550.54.15", "RTX 4090", error(35)),
        ("2.11", "570.124.06", "H100", error(35)),
        ("2.4", "470.256.02", "A100", error(35)),
        ("2.4+cu118", "470.256.02", "A100", Runs::Yes),
    ] {
        assert_eq!(
            torch(wheel, driver, gpu, false),
            expected,
            "{wheel} {driver} {gpu}"
        );
    }
    // An nvidia/cuda image below it has the newer libraries.
    assert_eq!(torch("2.11", "570.124.06", "H100", true), Runs::Yes);
    assert_eq!(torch("2.11", "570.124.06", "RTX 4090", true), error(35));
}

#[test]
fn ptx_is_not_compiled_by_an_older_driver() {
    assert_eq!(torch("2.8+cu129", "580.65.06", "12.1", false), Runs::Yes);
    let wheel = TorchWheel::parse("2.7+cu128").unwrap();
    let gpu = Gpu::parse("12.1").unwrap();
    let old = Driver::parse("550.54.15").unwrap();
    assert_eq!(
        wheel.judge(Some(&old), Some(&gpu), false).runs(),
        Runs::Yes,
        "machine code of 12.0 runs on 12.1"
    );
    let tf = TensorFlow::parse("2.18").unwrap();
    let hopper = Gpu::parse("RTX 5090").unwrap();
    assert_eq!(
        tf.judge(Some(&old), Some(&hopper), false).runs(),
        error(222),
        "12.5 makes newer PTX than 12.4 reads"
    );
    let new = Driver::parse("570.124.06").unwrap();
    assert_eq!(tf.judge(Some(&new), Some(&hopper), false).runs(), Runs::Yes);
}

#[test]
fn defaults_of_the_package_index() {
    for (release, cuda) in [
        ("1.13", (11, 7)),
        ("2.0.1", (11, 7)),
        ("2.1", (12, 1)),
        ("2.4.1", (12, 1)),
        ("2.5", (12, 4)),
        ("2.6", (12, 4)),
        ("2.7", (12, 6)),
        ("2.8", (12, 8)),
        ("2.10", (12, 8)),
        ("2.11", (13, 0)),
        ("2.14", (13, 0)),
    ] {
        let wheel = TorchWheel::parse(release).unwrap();
        assert_eq!(wheel.cuda(), Some(Cuda::new(cuda.0, cuda.1)), "{release}");
        assert_eq!(wheel.flavour, TorchFlavour::Default);
    }
}

#[test]
fn wheels_that_there_are_not() {
    let presence = |text: &str| TorchWheel::parse(text).unwrap().presence();
    assert_eq!(presence("2.4+cu118"), WheelPresence::Exists);
    let flavours = vec![Cuda::new(11, 8), Cuda::new(12, 1), Cuda::new(12, 4)];
    assert_eq!(
        presence("2.4+cu128"),
        WheelPresence::NoSuchFlavour { flavours }
    );
    assert_eq!(presence("2.99"), WheelPresence::UnknownRelease);
    assert_eq!(presence("2.4+cpu"), WheelPresence::NoCuda);
    assert_eq!(presence("2.4+rocm6.1"), WheelPresence::NoCuda);
    for text in [
        "",
        "2",
        "2.4+",
        "2.4+cu",
        "2.4+cu1",
        "2.4+cu12345",
        "2.4+cué",
        "torch",
        "2.4.1.2",
        "numpy==2.4",
    ] {
        assert_eq!(TorchWheel::parse(text), None, "{text}");
    }
    assert_eq!(
        TorchWheel::parse("torch==2.4.1+cu118").unwrap().to_string(),
        "torch 2.4+cu118"
    );
}

#[test]
fn tensorflow() {
    for (text, cuda, cudnn, extra) in [
        ("2.10", (11, 2), "8.1", false),
        ("2.13.1", (11, 8), "8.6", false),
        ("tensorflow[and-cuda]==2.15.0", (12, 2), "8.9", true),
        ("tensorflow==2.17", (12, 3), "8.9", true),
        ("2.19", (12, 5), "9.3", true),
        ("2.21", (12, 5), "9.3", true),
        ("1.15", (10, 0), "7.4", false),
        ("2.0", (10, 0), "7.4", false),
    ] {
        let release = TensorFlow::parse(text).unwrap();
        assert_eq!(release.cuda(), Some(Cuda::new(cuda.0, cuda.1)), "{text}");
        assert_eq!(
            (release.cudnn(), release.has_cuda_extra()),
            (Some(cudnn), Some(extra)),
            "{text}"
        );
    }
    for text in ["1.12", "1.16", "2.99"] {
        assert_eq!(TensorFlow::parse(text).unwrap().cuda(), None, "{text}");
    }
}

#[test]
fn other_packages() {
    let major = |name, version| python_package(name, version).map(|package| package.cuda_major);
    assert_eq!(major("onnxruntime-gpu", Some("1.18.0")), Some(11));
    assert_eq!(major("onnxruntime-gpu", Some("1.20.1")), Some(12));
    assert_eq!(major("onnxruntime-gpu", Some("1.27.0")), Some(13));
    assert_eq!(major("onnxruntime-gpu", None), Some(13));
    assert_eq!(major("cupy-cuda12x", None), Some(12));
    assert_eq!(major("onnxruntime-gpu", Some("1.2")), None);
    assert_eq!(major("numpy", None), None);
    assert_eq!(major("onnxruntime-gpu", Some("x")), None);
}

proptest! {
    #[test]
    fn never_a_panic(text in "(torch==|tensorflow==)?[0-9.]{0,8}(\\+(cu|rocm|cpu)?.{0,5})?|.{0,30}") {
        let _ignored = (TensorFlow::parse(&text), TorchFlavour::parse(&text), python_package("onnxruntime-gpu", Some(&text)));
        if let Some(wheel) = TorchWheel::parse(&text) {
            wheel.judge(None, None, false);
        }
    }
}
