//! The stand-ins that run: the management library, the CUDA driver library, `nvidia-smi`, and a tool that
//! does nothing, compiled from C when a machine is made.
//!
//! C, because they must load into any process and start in an image of any age: they use symbols of
//! glibc 2.2.5 only. A C compiler is where this runs, as Rust links with it (`CC` names another).

use crate::device::bus_numbers;
use crate::machine::Machine;
use liftgate_sys::process::USUAL_PATH;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The sources, by file name.
pub(crate) const SOURCES: [(&str, &str); 7] = [
    ("machine.h", include_str!("../standin/machine.h")),
    ("start.h", include_str!("../standin/start.h")),
    ("nvml.c", include_str!("../standin/nvml.c")),
    ("libcuda.c", include_str!("../standin/libcuda.c")),
    ("dxcore.c", include_str!("../standin/dxcore.c")),
    ("nvidia-smi.c", include_str!("../standin/nvidia-smi.c")),
    ("tool.c", include_str!("../standin/tool.c")),
];

const LIBRARY_OPTIONS: [&str; 4] = [
    "-shared",
    "-fPIC",
    "-fvisibility=hidden",
    "-Wl,--hash-style=both",
];
/// The loader functions are in `libdl.so.2` where glibc is older than 2.34, so the program names it.
const PROGRAM_OPTIONS: [&str; 5] = [
    "-pie",
    "-fPIE",
    "-nostartfiles",
    "-Wl,--no-as-needed",
    "-l:libdl.so.2",
];

/// Why a stand-in could not be compiled.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// A source could not be written.
    #[error("write `{path}`: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The compiler could not be started.
    #[error("run `{compiler}` (the C compiler): {source}")]
    Start {
        /// Its name.
        compiler: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The compiler refused.
    #[error("`{compiler}` on `{source_file}` failed:\n{output}")]
    Refused {
        /// Its name.
        compiler: String,
        /// The source.
        source_file: String,
        /// What it printed.
        output: String,
    },
}

/// A directory with the sources and the machine's data, ready to compile from.
#[derive(Debug)]
pub(crate) struct Workshop {
    directory: PathBuf,
}

impl Workshop {
    pub(crate) fn new(directory: &Path, machine: &Machine) -> Result<Self, CompileError> {
        let write = |path: PathBuf, text: &str| {
            std::fs::write(&path, text).map_err(|source| CompileError::Write { path, source })
        };
        for (name, text) in SOURCES {
            write(directory.join(name), text)?;
        }
        write(directory.join("manifest.h"), &header(machine))?;
        Ok(Self {
            directory: directory.to_owned(),
        })
    }

    /// Compiles `nvml`, `libcuda` or `dxcore` and returns the library's bytes.
    pub(crate) fn library(&self, stem: &str, soname: &str) -> Result<Vec<u8>, CompileError> {
        let soname = format!("-Wl,-soname,{soname}");
        let options: Vec<&str> = LIBRARY_OPTIONS
            .into_iter()
            .chain([soname.as_str()])
            .collect();
        self.compile(stem, &options)
    }

    /// Compiles `nvidia-smi` or `tool` and returns the program's bytes. It looks for libraries in `rpath`
    /// first.
    pub(crate) fn program(&self, stem: &str, rpath: Option<&str>) -> Result<Vec<u8>, CompileError> {
        let rpath = rpath.map(|path| format!("-Wl,--enable-new-dtags,-rpath,{path}"));
        let options: Vec<&str> = PROGRAM_OPTIONS
            .into_iter()
            .chain(rpath.as_deref())
            .collect();
        self.compile(stem, &options)
    }

    fn compile(&self, stem: &str, options: &[&str]) -> Result<Vec<u8>, CompileError> {
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let source_file = format!("{stem}.c");
        let out = self.directory.join(format!("{stem}.out"));
        // Called by a bare name and without a PATH, gcc does not find the rest of itself.
        let path = std::env::var_os("PATH").unwrap_or_else(|| USUAL_PATH.join(":").into());
        let output = Command::new(&compiler)
            .env("PATH", path)
            .args(["-O1", "-w", "-fno-stack-protector", "-U_FORTIFY_SOURCE"])
            .arg(&source_file)
            .arg("-o")
            .arg(&out)
            .args(options)
            .current_dir(&self.directory)
            .output()
            .map_err(|source| CompileError::Start {
                compiler: compiler.clone(),
                source,
            })?;
        if !output.status.success() {
            return Err(CompileError::Refused {
                compiler,
                source_file,
                output: String::from_utf8_lossy(&output.stderr).into_owned(),
            });
        }
        std::fs::read(&out).map_err(|source| CompileError::Write { path: out, source })
    }
}

/// The machine's data as C.
fn header(machine: &Machine) -> String {
    let (major, minor) = machine.cuda_version();
    let driver = machine.driver_version();
    // Writing to a string does not fail.
    let mut text = String::new();
    writeln!(text, "#define DRIVER_VERSION {}", c_text(driver)).ok();
    writeln!(
        text,
        "#define MODULE_VERSION {}",
        c_text(machine.module_version())
    )
    .ok();
    writeln!(
        text,
        "#define NVML_VERSION {}",
        c_text(&format!("{major}.{driver}"))
    )
    .ok();
    writeln!(text, "#define CUDA_VERSION {}", major * 1000 + minor * 10).ok();
    let driver_major = driver.split('.').next().unwrap_or(driver);
    writeln!(text, "#define DRIVER_MAJOR {driver_major}").ok();
    let migs: usize = machine.gpus().iter().map(|gpu| gpu.mig.len()).sum();
    let profiles = machine.gpus().iter().map(|gpu| gpu.mig_profiles.len());
    writeln!(
        text,
        "#define CAPS_MAJOR {}",
        machine.caps_major().unwrap_or(0)
    )
    .ok();
    writeln!(text, "#define MIG_COUNT {migs}").ok();
    writeln!(text, "#define PROFILE_COUNT {}", profiles.sum::<usize>()).ok();
    writeln!(text, "#define GPU_COUNT {}", machine.gpus().len()).ok();
    if machine.manifest.models.values().any(|model| model.coherent) {
        text.push_str("#define COHERENT\n");
    }
    let gate = machine.manifest.gate.as_deref();
    if let Some(node) = machine.nodes().iter().find(|node| gate == Some(&node.path)) {
        let (path, major, minor) = (c_text(&node.path), node.major, node.minor);
        writeln!(text, "#define GATE {path}, {major}, {minor}").ok();
    }
    let mut stores = String::new();
    for store in &machine.manifest.driver_stores {
        stores.push_str(&c_text(&machine.expand(store)));
        stores.push_str(", ");
    }
    writeln!(text, "#define DRIVER_STORES {stores}").ok();
    text.push_str("static const struct gpu GPUS[GPU_COUNT + 1] = {\n");
    for gpu in machine.gpus() {
        let on_pci = bus_numbers(&gpu.bus);
        let (domain, bus, device) = on_pci.unwrap_or_default();
        writeln!(
            text,
            "    {{{}, {}, {}, {domain}, {bus}, {device}, {}, {}, {}, {}, {}, {}, {}, {}}},",
            c_text(&gpu.model),
            c_text(&gpu.uuid),
            gpu.minor,
            gpu.pci_device,
            gpu.memory_mib,
            gpu.compute.0,
            gpu.compute.1,
            i32::from(gpu.mig_capable),
            i32::from(gpu.mig_enabled),
            i32::from(gpu.lost),
            i32::from(on_pci.is_some())
        )
        .ok();
    }
    text.push_str("};\n");
    mig_tables(machine, &mut text);
    text
}

/// The MIG devices and the profiles that the boards have, each with the position of its GPU in `GPUS`.
fn mig_tables(machine: &Machine, text: &mut String) {
    text.push_str("static const struct mig MIGS[MIG_COUNT + 1] = {\n");
    for gpu in machine.gpus() {
        for mig in &gpu.mig {
            writeln!(
                text,
                "    {{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}},",
                gpu.index,
                c_text(&mig.uuid),
                c_text(&mig.profile),
                mig.gpu_instance,
                mig.compute_instance,
                mig.gpu_instance_node,
                mig.compute_instance_node,
                mig.gpu_slices,
                mig.compute_slices,
                mig.memory_mib,
                mig.placement.0,
                mig.placement.1
            )
            .ok();
        }
    }
    text.push_str("};\nstatic const struct profile PROFILES[PROFILE_COUNT + 1] = {\n");
    for gpu in machine.gpus() {
        for profile in &gpu.mig_profiles {
            writeln!(
                text,
                "    {{{}, {}, {}, {}, {}, {}}},",
                gpu.index,
                c_text(&profile.name),
                profile.number,
                profile.id,
                profile.slices,
                profile.memory_mib
            )
            .ok();
        }
    }
    text.push_str("};\n");
}

/// A C string literal: every byte that is not plainly printable as three octal digits.
fn c_text(text: &str) -> String {
    let mut literal = "\"".to_owned();
    for byte in text.bytes() {
        if (byte.is_ascii_graphic() || byte == b' ') && !matches!(byte, b'"' | b'\\' | b'?') {
            literal.push(char::from(byte));
        } else {
            write!(literal, "\\{byte:03o}").ok();
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_says_what_the_manifest_says() {
        let text = header(&Machine::by_name("h200-580").unwrap());
        assert_eq!(
            text,
            "#define DRIVER_VERSION \"580.159.04\"\n\
             #define MODULE_VERSION \"580.159.04\"\n\
             #define NVML_VERSION \"13.580.159.04\"\n\
             #define CUDA_VERSION 13000\n\
             #define DRIVER_MAJOR 580\n\
             #define CAPS_MAJOR 241\n\
             #define MIG_COUNT 0\n\
             #define PROFILE_COUNT 0\n\
             #define GPU_COUNT 1\n\
             #define DRIVER_STORES \n\
             static const struct gpu GPUS[GPU_COUNT + 1] = {\n    \
             {\"NVIDIA H200\", \"GPU-1f957ab3-f9a5-78ee-803f-7d62935d8fef\", 0, 0, 0, 6, 9013, 143771, 9, 0, 1, 0, 0, 1},\n\
             };\n\
             static const struct mig MIGS[MIG_COUNT + 1] = {\n\
             };\n\
             static const struct profile PROFILES[PROFILE_COUNT + 1] = {\n\
             };\n"
        );
    }

    #[test]
    fn a_model_name_cannot_end_the_literal() {
        assert_eq!(c_text("a\"b\\c?\n"), r#""a\042b\134c\077\012""#);
    }
}
