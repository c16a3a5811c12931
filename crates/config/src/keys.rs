//! Every key there is, each with what its value does. What is not in this table is unknown.

use crate::error::{ConfigError, WarningKind};
use crate::field::Field;
use crate::model::{Config, CudaCompatMode, LogLevel, Mode};
use toml_edit::Item;

/// Puts a value into the configuration.
pub(crate) type Set = fn(&mut Config, &mut Field<'_>) -> Result<(), ConfigError>;

/// The keys with their tables, and what sets them.
pub(crate) const KEYS: &[(&str, Set)] = &[
    ("disable-require", |config, field| {
        put(&mut config.disable_require, field.boolean())
    }),
    ("swarm-resource", |config, field| {
        put(
            &mut config.swarm_resource,
            field.string().map(str::to_owned),
        )
    }),
    (
        "accept-nvidia-visible-devices-envvar-when-unprivileged",
        |config, field| {
            put(
                &mut config.accept_nvidia_visible_devices_envvar_when_unprivileged,
                field.boolean(),
            )
        },
    ),
    (
        "accept-nvidia-visible-devices-as-volume-mounts",
        |config, field| {
            put(
                &mut config.accept_nvidia_visible_devices_as_volume_mounts,
                field.boolean(),
            )
        },
    ),
    ("supported-driver-capabilities", |config, field| {
        put(
            &mut config.supported_driver_capabilities,
            field.string().map(str::to_owned),
        )
    }),
    ("nvidia-container-cli.root", |config, field| {
        put(&mut config.nvidia_container_cli.root, field.optional_path())
    }),
    ("nvidia-container-cli.path", |config, field| {
        put(&mut config.nvidia_container_cli.path, field.optional_path())
    }),
    ("nvidia-container-cli.environment", |config, field| {
        put(&mut config.nvidia_container_cli.environment, field.list())
    }),
    ("nvidia-container-cli.debug", |config, field| {
        put(&mut config.nvidia_container_cli.debug, field.log_file())
    }),
    ("nvidia-container-cli.ldcache", |config, field| {
        put(
            &mut config.nvidia_container_cli.ldcache,
            field.optional_path(),
        )
    }),
    ("nvidia-container-cli.load-kmods", |config, field| {
        put(&mut config.nvidia_container_cli.load_kmods, field.boolean())
    }),
    ("nvidia-container-cli.no-pivot", |config, field| {
        put(&mut config.nvidia_container_cli.no_pivot, field.boolean())
    }),
    ("nvidia-container-cli.no-cgroups", |config, field| {
        put(&mut config.nvidia_container_cli.no_cgroups, field.boolean())
    }),
    ("nvidia-container-cli.user", |config, field| {
        put(&mut config.nvidia_container_cli.user, field.optional())
    }),
    (LDCONFIG, |config, field| {
        put(
            &mut config.nvidia_container_cli.ldconfig,
            field.string().map(str::to_owned),
        )
    }),
    ("nvidia-ctk.path", |config, field| {
        field.path(&mut config.nvidia_ctk.path)
    }),
    ("nvidia-container-runtime.debug", |config, field| {
        put(&mut config.nvidia_container_runtime.debug, field.log_file())
    }),
    ("nvidia-container-runtime.log-level", |config, field| {
        let value = field.string()?;
        let level = LogLevel::from_name(value);
        if level.is_none() {
            field.warn(WarningKind::LogLevel {
                value: value.to_owned(),
            });
        }
        config.nvidia_container_runtime.log_level = level.unwrap_or_default();
        Ok(())
    }),
    ("nvidia-container-runtime.runtimes", |config, field| {
        put(&mut config.nvidia_container_runtime.runtimes, field.list())
    }),
    ("nvidia-container-runtime.mode", |config, field| {
        let value = field.string()?;
        let mode = Mode::from_name(value).ok_or_else(|| ConfigError::Mode {
            value: value.to_owned(),
            at: field.at(),
        });
        put(&mut config.nvidia_container_runtime.mode, mode)
    }),
    (
        "nvidia-container-runtime.modes.csv.mount-spec-path",
        |config, field| field.path(&mut config.nvidia_container_runtime.modes.csv.mount_spec_path),
    ),
    (
        "nvidia-container-runtime.modes.csv.compat-container-root",
        |config, field| {
            field.path(
                &mut config
                    .nvidia_container_runtime
                    .modes
                    .csv
                    .compat_container_root,
            )
        },
    ),
    (
        "nvidia-container-runtime.modes.cdi.spec-dirs",
        |config, field| {
            put(
                &mut config.nvidia_container_runtime.modes.cdi.spec_dirs,
                field.list(),
            )
        },
    ),
    (
        "nvidia-container-runtime.modes.cdi.default-kind",
        |config, field| {
            put(
                &mut config.nvidia_container_runtime.modes.cdi.default_kind,
                field.string().map(str::to_owned),
            )
        },
    ),
    (
        "nvidia-container-runtime.modes.cdi.annotation-prefixes",
        |config, field| {
            put(
                &mut config
                    .nvidia_container_runtime
                    .modes
                    .cdi
                    .annotation_prefixes,
                field.list(),
            )
        },
    ),
    (
        "nvidia-container-runtime.modes.jit-cdi.nvcdi-feature-flags",
        |config, field| {
            put(
                &mut config
                    .nvidia_container_runtime
                    .modes
                    .jit_cdi
                    .nvcdi_feature_flags,
                field.list(),
            )
        },
    ),
    (
        "nvidia-container-runtime.modes.jit-cdi.nvcdi-disable-hooks",
        |config, field| {
            put(
                &mut config
                    .nvidia_container_runtime
                    .modes
                    .jit_cdi
                    .nvcdi_disable_hooks,
                field.list(),
            )
        },
    ),
    (
        "nvidia-container-runtime.modes.legacy.cuda-compat-mode",
        |config, field| {
            let value = field.string()?;
            let mode = CudaCompatMode::from_name(value);
            if mode.is_none() {
                field.warn(WarningKind::CudaCompatMode {
                    value: value.to_owned(),
                });
            }
            config
                .nvidia_container_runtime
                .modes
                .legacy
                .cuda_compat_mode = mode.unwrap_or(CudaCompatMode::Unset);
            Ok(())
        },
    ),
    ("nvidia-container-runtime-hook.path", |config, field| {
        field.path(&mut config.nvidia_container_runtime_hook.path)
    }),
    (
        "nvidia-container-runtime-hook.skip-mode-detection",
        |config, field| {
            put(
                &mut config.nvidia_container_runtime_hook.skip_mode_detection,
                field.boolean(),
            )
        },
    ),
    (
        "features.allow-cuda-compat-libs-from-container",
        |config, field| {
            put(
                &mut config.features.allow_cuda_compat_libs_from_container,
                field.boolean().map(Some),
            )
        },
    ),
    ("features.allow-ldconfig-from-container", |config, field| {
        put(
            &mut config.features.allow_ldconfig_from_container,
            field.boolean().map(Some),
        )
    }),
    ("features.allow-unknown-oci-spec-fields", |config, field| {
        put(
            &mut config.features.allow_unknown_oci_spec_fields,
            field.boolean().map(Some),
        )
    }),
    ("features.disable-cuda-compat-lib-hook", |config, field| {
        put(
            &mut config.features.disable_cuda_compat_lib_hook,
            field.boolean().map(Some),
        )
    }),
    ("features.disable-imex-channel-creation", |config, field| {
        put(
            &mut config.features.disable_imex_channel_creation,
            field.boolean().map(Some),
        )
    }),
    ("features.ignore-imex-channel-requests", |config, field| {
        put(
            &mut config.features.ignore_imex_channel_requests,
            field.boolean().map(Some),
        )
    }),
    (
        "features.no-additional-gids-for-device-nodes",
        |config, field| {
            put(
                &mut config.features.no_additional_gids_for_device_nodes,
                field.boolean().map(Some),
            )
        },
    ),
    ("liftgate.inventory-path", |config, field| {
        put(&mut config.liftgate.inventory_path, field.absolute_path())
    }),
    ("liftgate.record-directory", |config, field| {
        if let Some(directory) = field.absolute_path()? {
            config.liftgate.record_directory = directory;
        }
        Ok(())
    }),
    ("liftgate.strict-requirements", |config, field| {
        put(&mut config.liftgate.strict_requirements, field.boolean())
    }),
];

/// The one key whose value another key may forbid.
pub(crate) const LDCONFIG: &str = "nvidia-container-cli.ldconfig";

fn put<T>(place: &mut T, value: Result<T, ConfigError>) -> Result<(), ConfigError> {
    *place = value?;
    Ok(())
}

/// What sets this key.
pub(crate) fn key(path: &str) -> Option<&'static (&'static str, Set)> {
    KEYS.iter().find(|(known, _)| *known == path)
}

/// Whether this is a table that has known keys.
pub(crate) fn is_table(path: &str) -> bool {
    KEYS.iter().any(|(known, _)| {
        known
            .strip_prefix(path)
            .is_some_and(|rest| rest.starts_with('.'))
    })
}

/// What kind of value a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// A boolean.
    Boolean,
    /// A string.
    Text,
    /// An array of strings.
    List,
    /// None: it is a table that has known keys.
    Table,
}

/// What kind of value a key takes, which is found out by offering it one; `None` if there is no such key.
pub fn kind_of_key(path: &str) -> Option<KeyKind> {
    let Some((key, set)) = key(path) else {
        return is_table(path).then_some(KeyKind::Table);
    };
    let takes = |item: &Item| {
        let mut field = Field {
            text: "",
            key,
            item,
            warnings: &mut Vec::new(),
        };
        set(&mut Config::default(), &mut field).is_ok()
    };
    Some(if takes(&toml_edit::value(true)) {
        KeyKind::Boolean
    } else if takes(&toml_edit::value(toml_edit::Array::new())) {
        KeyKind::List
    } else {
        KeyKind::Text
    })
}

/// The known key of the same table that differs from this unknown one by at most two letters.
pub(crate) fn similar(path: &str) -> Option<&'static str> {
    let (table, name) = path.rsplit_once('.').unwrap_or(("", path));
    KEYS.iter()
        .filter_map(|(known, _)| {
            let (known_table, known_name) = known.rsplit_once('.').unwrap_or(("", known));
            (known_table == table).then(|| (distance(name, known_name), known_name))
        })
        .filter(|(distance, known)| *distance <= 2 && *distance * 2 < known.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// Insertions, deletions and replacements of letters between two names, `-` and `_` being one letter. A name that is much
/// longer than any known one is not looked at: it may have any length.
fn distance(name: &str, known: &str) -> usize {
    if name.len() > 100 {
        return usize::MAX;
    }
    let letter = |character: char| {
        if character == '_' {
            '-'
        } else {
            character.to_ascii_lowercase()
        }
    };
    let mut row: Vec<usize> = (0..=known.len()).collect();
    for (i, a) in name.chars().map(letter).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in known.chars().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[known.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_also_a_table() {
        for (known, _) in KEYS {
            assert!(!is_table(known), "{known}");
            assert_eq!(
                KEYS.iter().filter(|(other, _)| other == known).count(),
                1,
                "{known}"
            );
            assert!(known.is_ascii());
        }
    }

    #[test]
    fn every_key_takes_a_value_of_one_kind() {
        let of = |kind| {
            let keys = KEYS.iter().map(|(key, _)| *key);
            keys.filter(|key| kind_of_key(key) == Some(kind))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            of(KeyKind::List),
            [
                "nvidia-container-cli.environment",
                "nvidia-container-runtime.runtimes",
                "nvidia-container-runtime.modes.cdi.spec-dirs",
                "nvidia-container-runtime.modes.cdi.annotation-prefixes",
                "nvidia-container-runtime.modes.jit-cdi.nvcdi-feature-flags",
                "nvidia-container-runtime.modes.jit-cdi.nvcdi-disable-hooks",
            ]
        );
        let booleans = of(KeyKind::Boolean);
        assert_eq!((booleans.len(), of(KeyKind::Text).len()), (15, 19));
        assert!(booleans.contains(&"disable-require"));
        assert_eq!(kind_of_key("features"), Some(KeyKind::Table));
        for path in ["", "feature", "features.", ".disable-require", "nope"] {
            assert_eq!(kind_of_key(path), None, "{path}");
        }
    }

    #[test]
    fn misspelt_names_have_a_neighbour() {
        for (path, expected) in [
            ("nvidia-container-cli.no-cgroup", Some("no-cgroups")),
            ("nvidia-container-cli.load_kmods", Some("load-kmods")),
            ("disable-requires", Some("disable-require")),
            ("DISABLE-REQUIRE", Some("disable-require")),
            ("nvidia-container-runtime.no-cgroups", None),
            ("nvidia-container-cli.rt", None),
            ("nvidia-ctk.pth", Some("path")),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(similar(path), expected, "{path}");
        }
        assert_eq!(similar(&"x".repeat(1_000_000)), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
