//! The two ways to resolve a path. They have to answer alike.

use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};

/// How paths are resolved in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// By the kernel, since Linux 5.6.
    Openat2,
    /// One component at a time, for kernels without it.
    Walk,
}

/// The longest path that the kernel takes or tells, without the byte that ends it.
pub(crate) const LONGEST_PATH: usize = 4095;

/// Whether this kernel has `openat2`, and nobody forbids it.
pub(crate) fn has_openat2() -> bool {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    rustix::fs::openat2(CWD, "/", flags, Mode::empty(), ResolveFlags::IN_ROOT).is_ok()
}

/// Tries a property on `cases` random inputs, or on as many as `PROPTEST_CASES` says; `source` is its file.
pub(crate) fn for_all<S: proptest::strategy::Strategy>(
    source: &'static str,
    cases: u32,
    strategy: &S,
    property: impl Fn(S::Value) -> Result<(), String>,
) -> Result<(), libtest_mimic::Failed> {
    let mut config = Config {
        source_file: Some(source),
        max_shrink_iters: 1024,
        ..Config::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    TestRunner::new(config)
        .run(strategy, |input| {
            property(input).map_err(TestCaseError::fail)
        })
        .map_err(|error| match error {
            TestError::Fail(reason, input) => format!("{reason}\nfor {input:#?}").into(),
            TestError::Abort(reason) => format!("given up: {reason}").into(),
        })
}
