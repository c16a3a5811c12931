//! The two ways to resolve a path, and where the second is known to answer otherwise.

use liftgate_sys::{Errno, SysError};
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use std::path::Path;

/// How paths are resolved in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// By the kernel, since Linux 5.6.
    Openat2,
    /// By `pathrs`, one component at a time.
    Walk,
}

/// The longest path that the kernel takes or tells, without the byte that ends it.
pub(crate) const LONGEST_PATH: usize = 4095;

impl Way {
    /// Whether the walk may give this answer where a `chroot` gives another. What it finds must be inside even
    /// then, which is for the caller to check.
    ///
    /// | it | the kernel | harm |
    /// |---|---|---|
    /// | follows up to 127 links | 40 | none: a path that no program in the container can use is usable to us |
    /// | takes paths of any length | 4095 bytes | none, likewise |
    /// | compares its place with `/proc/self/fd`, which cannot tell a path of more than 4095 bytes | need not | refused |
    pub(crate) fn excuses(
        self,
        theirs: Option<Errno>,
        ours: Option<&SysError>,
        path: &Path,
        place: usize,
    ) -> bool {
        self == Self::Walk
            && (theirs == Some(Errno::LOOP)
                || path.as_os_str().len() > LONGEST_PATH
                || (place > LONGEST_PATH && ours.is_some_and(|error| error.is(Errno::NAMETOOLONG))))
    }
}

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
