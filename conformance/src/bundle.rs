//! OCI bundles.

use crate::Image;
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What a test may want of a bundle.
#[derive(Debug, Clone, Default)]
pub struct BundleOptions {
    /// What the container runs, as a shell script.
    pub script: String,
    /// Environment entries.
    pub environment: Vec<String>,
    /// Whether the root file system is read-only.
    pub is_read_only: bool,
    /// Further mounts: source and destination, bound.
    pub binds: Vec<(PathBuf, String)>,
    /// Whether the container sees the machine's own `/proc` instead of one of its own.
    pub has_host_proc: bool,
    /// Further capabilities.
    pub capabilities: Vec<String>,
    /// Annotations.
    pub annotations: Vec<(String, String)>,
}

/// A bundle in a directory.
#[derive(Debug)]
pub struct Bundle {
    directory: PathBuf,
}

const CAPABILITIES: &[&str] = &["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"];

impl Bundle {
    /// Makes a bundle in `directory`, with a copy of the image.
    pub fn make(directory: &Path, image: &Image, options: &BundleOptions) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        image.clone_to(&directory.join("rootfs"))?;
        let bundle = Self {
            directory: directory.to_owned(),
        };
        fs::write(
            bundle.config(),
            serde_json::to_vec_pretty(&config(options))?,
        )?;
        Ok(bundle)
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The path of `config.json`.
    pub fn config(&self) -> PathBuf {
        self.directory.join("config.json")
    }

    /// The root file system.
    pub fn root(&self) -> PathBuf {
        self.directory.join("rootfs")
    }
}

fn config(options: &BundleOptions) -> Value {
    let mut environment =
        vec!["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned()];
    environment.extend(options.environment.iter().cloned());
    let mut capabilities: Vec<String> =
        CAPABILITIES.iter().map(|name| (*name).to_owned()).collect();
    capabilities.extend(options.capabilities.iter().cloned());
    let proc = if options.has_host_proc {
        json!({"destination": "/proc", "type": "bind", "source": "/proc", "options": ["rbind"]})
    } else {
        json!({"destination": "/proc", "type": "proc", "source": "proc"})
    };
    let mut mounts = vec![
        proc,
        json!({"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]}),
    ];
    for (source, destination) in &options.binds {
        mounts.push(json!({"destination": destination, "type": "bind", "source": source, "options": ["rbind"]}));
    }
    let annotations: serde_json::Map<String, Value> = options
        .annotations
        .iter()
        .map(|(key, value)| (key.clone(), json!(value)))
        .collect();
    json!({
        "ociVersion": "1.0.2",
        "process": {
            "terminal": false,
            "user": {"uid": 0, "gid": 0},
            "args": ["/bin/sh", "-c", options.script],
            "env": environment,
            "cwd": "/",
            "capabilities": {
                "bounding": capabilities, "effective": capabilities, "permitted": capabilities
            },
            "noNewPrivileges": true
        },
        "root": {"path": "rootfs", "readonly": options.is_read_only},
        "hostname": "mini",
        "annotations": annotations,
        "mounts": mounts,
        "linux": {
            "resources": {"devices": [{"allow": false, "access": "rwm"}]},
            "namespaces": [
                {"type": "pid"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}, {"type": "network"}
            ]
        }
    })
}
