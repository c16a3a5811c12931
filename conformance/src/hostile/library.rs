//! A library that tells that it was loaded.

use super::Scene;
use crate::Bundle;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

/// A library that makes `/owned`, and a file in the canary, as soon as it is loaded. `la_version` makes it one
/// that `LD_AUDIT` accepts, and `gconv_init` a module for `GCONV_PATH`.
pub fn library(scene: &Scene, bundle: &Bundle) -> io::Result<()> {
    write_library(&bundle.root().join("owned.so"), scene.canary.path(), &[])
}

/// Such a library in a file of its own; `arguments` are for the linker.
pub fn write_library(path: &Path, canary: &Path, arguments: &[&str]) -> io::Result<()> {
    let source = path.with_extension("c");
    let text = format!(
        "#include <fcntl.h>\n#include <unistd.h>\n\
         static void make(const char *path) {{ int fd = open(path, O_CREAT | O_WRONLY, 0644); if (fd >= 0) close(fd); }}\n\
         __attribute__((constructor)) static void loaded(void) {{ make(\"/owned\"); make(\"{}/owned\"); }}\n\
         unsigned la_version(unsigned version) {{ return version; }}\n\
         int gconv_init(void *step) {{ (void)step; return 0; }}\n\
         int gconv(void) {{ return 0; }}\n",
        canary.display()
    );
    fs::write(&source, text)?;
    let status = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .arg(path)
        .arg(&source)
        .args(arguments)
        .status()?;
    fs::remove_file(&source)?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("cc: {status}")))
    }
}
