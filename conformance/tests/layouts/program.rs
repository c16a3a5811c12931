//! The program that is started in a root: linked against glibc, against musl, or against nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// It says what it is mapped from, so that the library that was found is seen, and asks the library for the
/// driver. Without headers, one text is good for both C libraries.
const SOURCE: &str = r#"
int open(const char *, int, ...);
long read(int, void *, unsigned long);
long write(int, const void *, unsigned long);
int access(const char *, int);
#ifndef STATIC
extern int cuInit(unsigned);
#endif
#ifdef OWN
extern int own(void);
#endif
int main(void)
{
    static char text[4096];
    long count;
    int maps = open("/proc/self/maps", 0);
    while ((count = read(maps, text, sizeof text)) > 0)
        write(1, text, count);
#ifdef OWN
    if (own() != 0)
        return 1;
#endif
#ifdef STATIC
    return access("/dev/nvidiactl", 0) != 0;
#else
    return cuInit(0);
#endif
}
"#;

/// What the program is linked with. At run time it is to find another.
const STUB: &str = "int cuInit(unsigned flags) { return 999; }";

/// A library of the image's: musl's loader finds it only as long as it looks where it looks by default.
const OWN: &str = "int own(void) { return 0; }";

/// What a program is linked against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Glibc,
    Musl,
    Static,
}

/// The programs.
pub(crate) struct Linked {
    stub: PathBuf,
    own: PathBuf,
    glibc: PathBuf,
    musl: Result<PathBuf, String>,
    fixed: Result<PathBuf, String>,
}

impl Linked {
    /// Compiles them in `directory`; `musl` is where musl's files for linking are.
    pub(crate) fn compile(directory: &Path, musl: &Path) -> Result<Self, String> {
        let at = |name: &str| directory.join(name);
        let write =
            |name: &str, text: &str| fs::write(at(name), text).map_err(|error| error.to_string());
        fs::create_dir_all(directory).map_err(|error| error.to_string())?;
        write("program.c", SOURCE)?;
        write("stub.c", STUB)?;
        write("own.c", OWN)?;
        let cc = |arguments: &[&str], output: &str| {
            let run = Command::new("cc")
                .current_dir(directory)
                .args(["-w", "-fno-stack-protector", "-o", output])
                .args(arguments)
                .output()
                .map_err(|error| format!("needs cc: {error}"))?;
            if run.status.success() {
                Ok(at(output))
            } else {
                let words = String::from_utf8_lossy(&run.stderr).into_owned();
                Err(format!("cc {}: {words}", arguments.join(" ")))
            }
        };
        let stub = cc(
            &[
                "-shared",
                "-fPIC",
                "-nostdlib",
                "-Wl,-soname,libcuda.so.1",
                "stub.c",
            ],
            "libcuda.so.1",
        )?;
        let own = cc(
            &[
                "-shared",
                "-fPIC",
                "-nostdlib",
                "-Wl,-soname,libown.so.1",
                "own.c",
            ],
            "libown.so.1",
        )?;
        let file = |name: &str| musl.join(name).display().to_string();
        let glibc = cc(&["program.c", "libcuda.so.1"], "with-glibc")?;
        let with_musl = if musl.join("libc.so").exists() {
            cc(
                &[
                    "-nostdlib",
                    "-pie",
                    "-fPIE",
                    "-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1",
                    &file("Scrt1.o"),
                    &file("crti.o"),
                    "-DOWN",
                    "program.c",
                    "libcuda.so.1",
                    "libown.so.1",
                    &format!("-L{}", musl.display()),
                    "-l:libc.so",
                    &file("crtn.o"),
                ],
                "with-musl",
            )
        } else {
            Err("needs musl, which `cargo xtask roots` unpacks".to_owned())
        };
        Ok(Self {
            stub,
            own,
            glibc,
            musl: with_musl,
            fixed: cc(&["-static", "-DSTATIC", "program.c"], "static"),
        })
    }

    /// The library that programs are linked with.
    pub(crate) fn stub(&self) -> &Path {
        &self.stub
    }

    /// A library of the image's that the program for musl needs.
    pub(crate) fn own(&self) -> &Path {
        &self.own
    }

    /// A program, or why there is none.
    pub(crate) fn program(&self, kind: Kind) -> Result<&Path, String> {
        match kind {
            Kind::Glibc => Ok(&self.glibc),
            Kind::Musl => self.musl.as_deref().map_err(Clone::clone),
            Kind::Static => self.fixed.as_deref().map_err(Clone::clone),
        }
    }
}
