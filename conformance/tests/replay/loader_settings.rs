//! The variables that the loader, the C library and Rust's know, with values that do the most.

/// What can be seen of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// A dynamic program loads the library, or writes a file.
    Makes,
    /// A dynamic program says something else, or does not do its work.
    Changes,
    /// Nobody here would be moved: it is for programs that do something else as well.
    None,
    /// It starves whoever allocates memory, a static program as well: the container may fail to start, and no more.
    Starves,
}

use Effect::{Changes, Makes, None as Nothing, Starves};

/// The settings: `@ROOT` is the image's root on the host, `@OUT` a directory of the host.
pub(crate) const SETTINGS: &[(Effect, &[&str])] = &[
    (Makes, &["LD_PRELOAD=@ROOT/owned.so"]),
    (Makes, &["LD_PRELOAD=./owned.so"]),
    (Makes, &["LD_PRELOAD=/proc/self/cwd/owned.so"]),
    (Makes, &["LD_LIBRARY_PATH=@ROOT", "LD_PRELOAD=owned.so"]),
    (Makes, &["LD_AUDIT=@ROOT/owned.so"]),
    (Makes, &["LD_DEBUG=all", "LD_DEBUG_OUTPUT=@OUT/debug"]),
    (Changes, &["LD_DEBUG=help"]),
    (Makes, &["LD_PROFILE=libc.so.6", "LD_PROFILE_OUTPUT=@OUT"]),
    (Changes, &["LD_SHOW_AUXV=1"]),
    (Changes, &["LD_TRACE_LOADED_OBJECTS=1"]),
    (
        Changes,
        &["LD_TRACE_LOADED_OBJECTS=1", "LD_VERBOSE=1", "LD_WARN=1"],
    ),
    (Makes, &["GCONV_PATH=@ROOT/gconv"]),
    (Nothing, &["LD_LIBRARY_PATH=@ROOT:.:"]),
    (Nothing, &["LD_BIND_NOW=1"]),
    (Nothing, &["LD_BIND_NOT=1"]),
    (Nothing, &["LD_DYNAMIC_WEAK=1"]),
    (Nothing, &["LD_HWCAP_MASK=0xffffffff"]),
    (Nothing, &["LD_ORIGIN_PATH=@ROOT"]),
    (Nothing, &["LD_POINTER_GUARD=0"]),
    (Nothing, &["LD_USE_LOAD_BIAS=1"]),
    (Nothing, &["LD_PREFER_MAP_32BIT_EXEC=1"]),
    (Nothing, &["LD_ASSUME_KERNEL=2.2.5"]),
    (Nothing, &["LD_WARN=1"]),
    (Nothing, &["LD_VERBOSE=1"]),
    (
        Nothing,
        &["LD_LIBRARY_VERSION=1", "LDPATH=@ROOT", "MUSL_LOCPATH=@ROOT"],
    ),
    (
        Nothing,
        &["GLIBC_TUNABLES=glibc.malloc.check=3:glibc.malloc.perturb=165"],
    ),
    (
        Nothing,
        &["GLIBC_TUNABLES=glibc.rtld.optional_static_tls=99999999"],
    ),
    (
        Nothing,
        &["GLIBC_TUNABLES=glibc.pthread.rseq=0:glibc.cpu.hwcaps=-AVX2_Usable,-ERMS"],
    ),
    (
        Nothing,
        &["GLIBC_TUNABLES=glibc.malloc.mxfast=glibc.malloc.mxfast=A"],
    ),
    (Nothing, &["MALLOC_CHECK_=3"]),
    (Nothing, &["MALLOC_PERTURB_=165"]),
    (Nothing, &["MALLOC_ARENA_MAX=1", "MALLOC_ARENA_TEST=1"]),
    (Nothing, &["MALLOC_MMAP_THRESHOLD_=1"]),
    (Nothing, &["MALLOC_MMAP_MAX_=0"]),
    (Nothing, &["MALLOC_TOP_PAD_=65536"]),
    (Nothing, &["MALLOC_TRIM_THRESHOLD_=0"]),
    (Nothing, &["MALLOC_TRACE=@OUT/trace"]),
    (
        Starves,
        &["MALLOC_TOP_PAD_=99999999999", "MALLOC_MMAP_MAX_=0"],
    ),
    (
        Starves,
        &["GLIBC_TUNABLES=glibc.malloc.top_pad=99999999999:glibc.malloc.mmap_max=0"],
    ),
    (
        Nothing,
        &[
            "LOCPATH=@ROOT/gconv",
            "LC_ALL=xx_XX",
            "LANGUAGE=xx",
            "LANG=xx",
        ],
    ),
    (
        Nothing,
        &[
            "NLSPATH=@ROOT/%N",
            "TEXTDOMAINDIR=@ROOT",
            "OUTPUT_CHARSET=LIFTGATE",
        ],
    ),
    (
        Nothing,
        &["GETCONF_DIR=@ROOT", "CHARSET=LIFTGATE", "I18NPATH=@ROOT"],
    ),
    (
        Nothing,
        &[
            "HOSTALIASES=@ROOT/owned.so",
            "LOCALDOMAIN=x",
            "RES_OPTIONS=debug",
        ],
    ),
    (
        Nothing,
        &[
            "RESOLV_HOST_CONF=@ROOT/owned.so",
            "RESOLV_SERV_ORDER=x",
            "RESOLV_MULTI=on",
        ],
    ),
    (
        Nothing,
        &[
            "RESOLV_ADD_TRIM_DOMAINS=x",
            "RESOLV_OVERRIDE_TRIM_DOMAINS=x",
        ],
    ),
    (
        Nothing,
        &["TMPDIR=@OUT", "TMP=@OUT", "TEMP=@OUT", "HOME=@OUT"],
    ),
    (Nothing, &["TZDIR=@ROOT", "TZ=:owned.so"]),
    (
        Nothing,
        &[
            "DATEMSK=@ROOT/owned.so",
            "ARGP_HELP_FMT=rmargin=1",
            "POSIXLY_CORRECT=1",
        ],
    ),
    (Nothing, &["PATH=@ROOT/trap:@ROOT"]),
    (Nothing, &["RUST_BACKTRACE=full", "RUST_LIB_BACKTRACE=1"]),
    (Nothing, &["RUST_MIN_STACK=1"]),
    (
        Nothing,
        &[
            "RUST_LOG=trace",
            "NVIDIA_CTK_DEBUG=false",
            "NVIDIA_CTK_QUIET=true",
        ],
    ),
    (
        Nothing,
        &[
            "GODEBUG=all=1",
            "GOTRACEBACK=crash",
            "GOMAXPROCS=0",
            "GOMEMLIMIT=1",
        ],
    ),
];

/// Where the program's own configuration is: an image's word only to hooks that run in the container's namespaces. The
/// others have the engine's environment, which may say it.
pub(crate) const CONFIGURATION: &[&str] = &[
    "NVIDIA_CTK_CONFIG_FILE_PATH=@ROOT/config.toml",
    "XDG_CONFIG_HOME=@ROOT",
];
