//! Feeds names of GPUs, versions of drivers and lists of architectures: what is understood is something that there is, what is not is said in a short and tame sentence, and a newer driver runs no less.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liftgate_cuda::code::{Loading, Target, cmake_list, loading, torch_list};
use liftgate_cuda::framework::{TensorFlow, TorchWheel};
use liftgate_cuda::gpu::Gpu;
use liftgate_cuda::{Driver, DriverVerdict, judge_driver, toolkits};

fuzz_target!(|text: &str| {
    let gpu = match Gpu::parse(text) {
        Ok(gpu) => {
            assert!(gpu.architecture().is_some(), "{text:?}");
            Some(gpu)
        }
        Err(error) => {
            let sentence = error.to_string();
            assert!(sentence.len() < 1024 && !sentence.contains(char::is_control));
            None
        }
    };
    if let Some(target) = Target::parse(text) {
        assert_eq!(Target::parse(&target.to_string()), Some(target));
    }
    for list in [torch_list(text), cmake_list(text)].into_iter().flatten() {
        let own = list.first().map(|target| loading(&list, target.capability));
        assert_ne!(own, Some(Loading::No), "{text:?}");
    }
    let driver = Driver::parse(text);
    if let Some(driver) = &driver {
        let mut has_run = true;
        // The newer the toolkit, the less runs natively.
        for toolkit in toolkits() {
            let verdict = judge_driver(toolkit, driver, gpu.and_then(|gpu| gpu.class));
            let is_full = verdict == DriverVerdict::Full;
            assert!(has_run || !is_full, "{text:?} {toolkit}");
            has_run = is_full;
        }
    }
    if let Some(wheel) = TorchWheel::parse(text) {
        wheel.judge(driver.as_ref(), gpu.as_ref(), false).runs();
    }
    if let Some(release) = TensorFlow::parse(text) {
        release.judge(driver.as_ref(), gpu.as_ref(), true).runs();
    }
});
