//! Whole files: the default one, one with every key, wrong ones, unknown keys, and any text at all.

use std::path::{Path, PathBuf};

use liftgate_config::{
    Cdi, Config, ConfigError, ContainerCli, Csv, Ctk, CudaCompatMode, Features, JitCdi, Legacy,
    Liftgate, LogLevel, MAX_BYTES, Mode, Modes, Runtime, RuntimeHook,
};
use proptest::prelude::*;

const DEFAULT: &str = include_str!("data/default.toml");

/// A file in which no key has its default value.
const EVERY_KEY: &str = r#"
disable-require = true
swarm-resource = "A, B,,"
accept-nvidia-visible-devices-envvar-when-unprivileged = false
accept-nvidia-visible-devices-as-volume-mounts = true
supported-driver-capabilities = "all"
nvidia-ctk.path = "/opt/ctk"

[nvidia-container-cli]
root = "/run/nvidia/driver"
path = "/opt/cli"
environment = ["A=1", 'B=2']
debug = "/var/log/cli.log"
ldcache = "/etc/other.cache"
load-kmods = false
no-pivot = true
no-cgroups = true
user = "root:video"
ldconfig = "/sbin/ldconfig"

[nvidia-container-runtime]
debug = "/var/log/runtime.log"
log-level = "Warn"
runtimes = []
mode = "jit-cdi"
modes.csv = { mount-spec-path = "/csv", compat-container-root = "/compat" }

[nvidia-container-runtime.modes.cdi]
spec-dirs = ["/cdi"]
default-kind = "example.com/gpu"
annotation-prefixes = ["x/", "y/"]

[nvidia-container-runtime.modes.jit-cdi]
nvcdi-feature-flags = ["f"]
nvcdi-disable-hooks = ["all"]

[nvidia-container-runtime.modes.legacy]
cuda-compat-mode = "mount"

[nvidia-container-runtime-hook]
path = "/opt/hook"
skip-mode-detection = true

[features]
allow-cuda-compat-libs-from-container = true
allow-ldconfig-from-container = true
allow-unknown-oci-spec-fields = false
disable-cuda-compat-lib-hook = true
disable-imex-channel-creation = true
ignore-imex-channel-requests = true
no-additional-gids-for-device-nodes = true

[liftgate]
inventory-path = "/opt/liftgate"
record-directory = "/run/other"
strict-requirements = true
"#;

fn every_key() -> Config {
    let paths = |paths: &[&str]| paths.iter().map(PathBuf::from).collect();
    let strings = |strings: &[&str]| strings.iter().map(|text| (*text).to_owned()).collect();
    Config {
        disable_require: true,
        swarm_resource: "A, B,,".into(),
        accept_nvidia_visible_devices_envvar_when_unprivileged: false,
        accept_nvidia_visible_devices_as_volume_mounts: true,
        supported_driver_capabilities: "all".into(),
        nvidia_container_cli: ContainerCli {
            root: Some("/run/nvidia/driver".into()),
            path: Some("/opt/cli".into()),
            environment: strings(&["A=1", "B=2"]),
            debug: Some("/var/log/cli.log".into()),
            ldcache: Some("/etc/other.cache".into()),
            load_kmods: false,
            no_pivot: true,
            no_cgroups: true,
            user: Some("root:video".into()),
            ldconfig: "/sbin/ldconfig".into(),
        },
        nvidia_ctk: Ctk {
            path: "/opt/ctk".into(),
        },
        nvidia_container_runtime: Runtime {
            debug: Some("/var/log/runtime.log".into()),
            log_level: LogLevel::Warning,
            runtimes: vec![],
            mode: Mode::JitCdi,
            modes: Modes {
                csv: Csv {
                    mount_spec_path: "/csv".into(),
                    compat_container_root: "/compat".into(),
                },
                cdi: Cdi {
                    spec_dirs: paths(&["/cdi"]),
                    default_kind: "example.com/gpu".into(),
                    annotation_prefixes: strings(&["x/", "y/"]),
                },
                jit_cdi: JitCdi {
                    nvcdi_feature_flags: strings(&["f"]),
                    nvcdi_disable_hooks: strings(&["all"]),
                },
                legacy: Legacy {
                    cuda_compat_mode: CudaCompatMode::Mount,
                },
            },
        },
        nvidia_container_runtime_hook: RuntimeHook {
            path: "/opt/hook".into(),
            skip_mode_detection: true,
        },
        features: Features {
            allow_cuda_compat_libs_from_container: Some(true),
            allow_ldconfig_from_container: Some(true),
            allow_unknown_oci_spec_fields: Some(false),
            disable_cuda_compat_lib_hook: Some(true),
            disable_imex_channel_creation: Some(true),
            ignore_imex_channel_requests: Some(true),
            no_additional_gids_for_device_nodes: Some(true),
        },
        liftgate: Liftgate {
            inventory_path: Some("/opt/liftgate".into()),
            record_directory: "/run/other".into(),
            strict_requirements: true,
        },
    }
}

/// The configuration, of a text that is read without a word.
fn quiet(text: &str) -> Config {
    let (config, warnings) = Config::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert!(warnings.is_empty(), "{text}: {warnings:?}");
    config
}

#[test]
fn the_default_file_is_the_default() {
    assert_eq!(quiet(""), Config::default());
    assert_eq!(quiet(DEFAULT), Config::default());
    assert_eq!(quiet(&DEFAULT.replace('\n', "\r\n")), Config::default());
}

#[test]
fn commented_defaults_without_their_comment() {
    let mut same = Vec::new();
    for (index, line) in DEFAULT.lines().enumerate() {
        if let Some(uncommented) = line.strip_prefix('#') {
            let text: Vec<&str> = DEFAULT
                .lines()
                .enumerate()
                .map(|(at, line)| if at == index { uncommented } else { line })
                .collect();
            if quiet(&text.join("\n")) == Config::default() {
                same.push(uncommented);
            }
        }
    }
    // The others show an example, not the default.
    assert_eq!(
        same,
        [
            "accept-nvidia-visible-devices-as-volume-mounts = false",
            "accept-nvidia-visible-devices-envvar-when-unprivileged = true",
            "no-cgroups = false",
        ]
    );
}

#[test]
fn every_key_is_read() {
    let config = quiet(EVERY_KEY);
    assert_eq!(config, every_key());
    assert_eq!(config.swarm_resources().collect::<Vec<_>>(), ["A", "B"]);
    assert_eq!(Config::default().swarm_resources().count(), 0);
}

#[test]
fn every_key_has_a_type() {
    // `1` is right for none of them; the file without the line before is right for all.
    for (index, line) in EVERY_KEY.lines().enumerate() {
        let Some((name, _)) = line.split_once(" = ").filter(|_| !line.contains('{')) else {
            continue;
        };
        let wrong = format!("{name} = 1");
        let text: Vec<&str> = EVERY_KEY
            .lines()
            .enumerate()
            .map(|(at, line)| if at == index { wrong.as_str() } else { line })
            .collect();
        match Config::parse(&text.join("\n")) {
            Err(ConfigError::Type {
                key,
                found: "an integer",
                at,
                ..
            }) => {
                assert!(key.ends_with(name), "{key}");
                assert_eq!((at.line, at.column), (index + 1, name.len() + 4), "{key}");
            }
            other => panic!("{wrong}: {other:?}"),
        }
    }
}

#[test]
fn errors_say_where_and_what() {
    for (text, expected) in [
        (
            "disable-require = \"true\"",
            "`disable-require` is a string and must be a boolean, at line 1, column 19",
        ),
        (
            "swarm-resource = [\"A\"]",
            "`swarm-resource` is an array and must be a string, at line 1, column 18",
        ),
        (
            "[nvidia-container-cli]\n  environment = \"A=1\"",
            "`nvidia-container-cli.environment` is a string and must be an array of strings, at line 2, column 17",
        ),
        (
            "[nvidia-container-runtime]\nruntimes = [\n \"é\", 1.5]",
            "`nvidia-container-runtime.runtimes[1]` is a float and must be a string, at line 3, column 7",
        ),
        (
            "nvidia-container-cli = true",
            "`nvidia-container-cli` is a boolean and must be a table, at line 1, column 24",
        ),
        (
            "[[features]]\n",
            "`features` is an array of tables and must be a table, at line 1, column 1",
        ),
        (
            "[nvidia-ctk.path]",
            "`nvidia-ctk.path` is a table and must be a string, at line 1, column 1",
        ),
        (
            "[nvidia-container-runtime]\nmodes.cdi = 1979-05-27",
            "`nvidia-container-runtime.modes.cdi` is a date and must be a table, at line 2, column 13",
        ),
        (
            "[nvidia-container-runtime]\nmode = \"x\"",
            "invalid mode \"x\" at line 2, column 8: it must be auto, legacy, csv, cdi or jit-cdi",
        ),
        (
            "[nvidia-container-runtime]\nmode = \"\"",
            "invalid mode \"\" at line 2, column 8: it must be auto, legacy, csv, cdi or jit-cdi",
        ),
        (
            "nvidia-container-runtime.mode = \"Auto\"",
            "invalid mode \"Auto\" at line 1, column 33: it must be auto, legacy, csv, cdi or jit-cdi",
        ),
        (
            "\n[nvidia-container-cli]\nldconfig = \"/sbin/ldconfig\"\n[features]\nallow-ldconfig-from-container = false",
            "`nvidia-container-cli.ldconfig` is \"/sbin/ldconfig\" at line 3, column 12: without a leading `@` it is a program \
             of the container, which only `features.allow-ldconfig-from-container = true` permits",
        ),
        (
            "[liftgate]\ninventory-path = \"liftgate\"",
            "`liftgate.inventory-path` is \"liftgate\" at line 2, column 18 and must be an absolute path",
        ),
        (
            "[liftgate]\nrecord-directory = \"./run\"",
            "`liftgate.record-directory` is \"./run\" at line 2, column 20 and must be an absolute path",
        ),
    ] {
        let error = Config::parse(text).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(error.position().is_some());
    }
    let large = "#".repeat(MAX_BYTES + 1);
    assert_eq!(
        Config::parse(&large).unwrap_err(),
        ConfigError::TooLarge {
            size: MAX_BYTES + 1,
            limit: MAX_BYTES
        }
    );
}

#[test]
fn syntax_errors_have_a_place() {
    for (text, line, column) in [
        ("disable-require", 1, 16),
        ("a = 1\nb = \"x", 2, 7),
        ("a = 1\na = 2", 2, 1),
        ("[a]\n[a]", 2, 2),
        ("é = 1", 1, 1),
        ("a = [1,\n", 1, 8),
    ] {
        match Config::parse(text) {
            Err(ConfigError::Syntax { at, reason }) => {
                assert_eq!((at.line, at.column), (line, column), "{text}: {reason}");
                assert!(!reason.is_empty() && !reason.contains('\n'), "{reason}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn values_that_mean_none_or_the_default() {
    let text = r#"
        [nvidia-container-cli]
        root = ""
        path = ""
        debug = "/dev/null"
        ldcache = ""
        user = ""
        [nvidia-container-runtime]
        debug = ""
        modes.csv.mount-spec-path = ""
        modes.csv.compat-container-root = ""
        [nvidia-container-runtime-hook]
        path = ""
        [nvidia-ctk]
        path = ""
        [liftgate]
        inventory-path = ""
        record-directory = ""
    "#;
    assert_eq!(quiet(text), Config::default());
    assert_eq!(
        quiet("[nvidia-container-runtime]\ndebug = \"/dev/null\"")
            .nvidia_container_runtime
            .debug,
        None
    );
    let host = quiet("nvidia-container-cli.ldconfig = '@/usr/sbin/ldconfig.real'");
    assert_eq!(
        host.nvidia_container_cli.ldconfig,
        "@/usr/sbin/ldconfig.real"
    );
    let empty = quiet("nvidia-container-runtime.modes.legacy.cuda-compat-mode = ''");
    assert_eq!(
        empty.nvidia_container_runtime.modes.legacy.cuda_compat_mode,
        CudaCompatMode::Unset
    );
}

#[test]
fn what_is_unknown_warns_and_changes_nothing() {
    let text = "\
unknown = 1
'nvidia-ctk.path' = 'x'
[nvidia-container-cli]
no-cgroup = true
[other.table]
disable-require = true
[[list]]
[features]
gpu = { disable-require = true }
[nvidia-container-runtime.modes]
jit-cdi.new = []
";
    let (config, warnings) = Config::parse(text).unwrap();
    assert_eq!(config, Config::default());
    let words: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        [
            "unknown key `unknown` at line 1, column 1 has no effect",
            "unknown key `\"nvidia-ctk.path\"` at line 2, column 1 has no effect",
            "unknown key `nvidia-container-cli.no-cgroup` at line 4, column 1 has no effect: the name is `no-cgroups`",
            "unknown table `other` at line 5, column 2 has no effect",
            "unknown table `list` at line 7, column 3 has no effect",
            "unknown table `features.gpu` at line 9, column 1 has no effect",
            "unknown key `nvidia-container-runtime.modes.jit-cdi.new` at line 11, column 9 has no effect",
        ]
    );
}

#[test]
fn warnings_come_in_the_order_of_the_file() {
    let text = "[nvidia-container-runtime]\nx = 1\n[nvidia-ctk]\nx = 1\n[nvidia-container-runtime.modes]\nx = 1\n";
    let (_, warnings) = Config::parse(text).unwrap();
    assert_eq!(
        warnings
            .iter()
            .map(|warning| warning.at.line)
            .collect::<Vec<_>>(),
        [2, 4, 6]
    );
}

#[test]
fn a_file_of_unknown_keys_is_read_in_time() {
    let members: Vec<String> = (0..60_000).map(|index| format!("x{index} = 1")).collect();
    let (config, warnings) =
        Config::parse(&format!("features = {{ {} }}", members.join(", "))).unwrap();
    assert_eq!((config, warnings.len()), (Config::default(), 100));
}

#[test]
fn unknown_words_warn() {
    let (config, warnings) = Config::parse(
        "[nvidia-container-runtime]\nlog-level = \"loud\"\nmodes.legacy.cuda-compat-mode = \"magic\"\nmode = \"csv\"",
    )
    .unwrap();
    assert_eq!(config.nvidia_container_runtime.log_level, LogLevel::Info);
    assert_eq!(
        config
            .nvidia_container_runtime
            .modes
            .legacy
            .cuda_compat_mode,
        CudaCompatMode::Unset
    );
    assert_eq!(config.nvidia_container_runtime.mode, Mode::Csv);
    assert_eq!(
        warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "`nvidia-container-runtime.log-level` is \"loud\" at line 2, column 13, which is no log level: info is used",
            "`nvidia-container-runtime.modes.legacy.cuda-compat-mode` is \"magic\" at line 3, column 33, which is no mode: \
             CUDA compatibility libraries are not used",
        ]
    );
    for level in [
        "panic", "FATAL", "error", "warn", "warning", "info", "debug", "trace",
    ] {
        quiet(&format!("nvidia-container-runtime.log-level = '{level}'"));
    }
    for mode in Mode::ALL {
        let text = format!("nvidia-container-runtime.mode = '{}'", mode.name());
        assert_eq!(quiet(&text).nvidia_container_runtime.mode, mode);
    }
}

#[test]
fn paths_are_taken_as_they_are() {
    let config = quiet("nvidia-ctk.path = '../bin/ctk'\nnvidia-container-cli.root = '/a/../b//'");
    assert_eq!(config.nvidia_ctk.path, Path::new("../bin/ctk"));
    assert_eq!(
        config.nvidia_container_cli.root.unwrap().to_str(),
        Some("/a/../b//")
    );
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>(), toml in "[\\[\\]{}=.,\"'a-c\\\\0-9é#\n -]{0,60}") {
        drop(Config::parse(&text));
        drop(Config::parse(&toml));
    }

    /// Lines of a file with every key, in any order, some with another value.
    #[test]
    fn no_file_panics(lines in prop::collection::vec((0usize..60, prop::option::of("(true|1|''|'x'|\\[\\]|\\{\\}|\\['é', 1\\]|1e9|1979-05-27)")), 0..30)) {
        let all: Vec<&str> = EVERY_KEY.lines().collect();
        let line = |(index, value): (usize, Option<String>)| {
            let line = all[index % all.len()];
            match (line.split_once(" = "), value) {
                (Some((name, _)), Some(value)) => format!("{name} = {value}\n"),
                _ => format!("{line}\n"),
            }
        };
        let text: String = lines.into_iter().map(line).collect();
        match Config::parse(&text) {
            Ok((_, warnings)) => prop_assert!(warnings.iter().all(|warning| warning.at.line <= text.lines().count())),
            Err(error) => prop_assert!(error.position().is_some_and(|at| at.line <= text.lines().count() + 1)),
        }
    }
}
