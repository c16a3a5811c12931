//! The Debian package. What its fields say and why is in `packaging/debian/README.md`.

use super::archive::{ar, pack};
use super::{Material, VERSION, architecture, filled, floor, stage, sums};
use crate::Failure;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];
const COMPRESSOR: &str = "xz -9 --threads=1";

/// Makes it; its name is returned.
pub(super) fn make(material: &Material) -> Result<String, Failure> {
    let data = material.work.join("deb-data");
    stage::copy(&material.stage, &data)?;
    move_to_debians_places(&data)?;
    let control = material.work.join("deb-control");
    fs::create_dir_all(&control)?;
    write_control(&data, &control)?;

    let packed = |directory: &Path, name: &str| -> Result<Vec<u8>, Failure> {
        let archive = material.work.join(name);
        pack(material, directory, &["."], COMPRESSOR, &archive)?;
        Ok(fs::read(archive)?)
    };
    let members = [
        ("debian-binary", b"2.0\n".to_vec()),
        ("control.tar.xz", packed(&control, "control.tar.xz")?),
        ("data.tar.xz", packed(&data, "data.tar.xz")?),
    ];
    let file = format!("liftgate_{VERSION}_{}.deb", architecture(true));
    fs::write(material.place.join(&file), ar(&members, &material.epoch))?;
    Ok(file)
}

/// Where Debian's zsh looks for what packages have, and what its policy calls the licence.
fn move_to_debians_places(data: &Path) -> Result<(), Failure> {
    let share = data.join("usr/share");
    fs::rename(
        share.join("zsh/site-functions"),
        share.join("zsh/vendor-completions"),
    )?;
    let documents = share.join("doc/liftgate");
    fs::rename(documents.join("LICENSE"), documents.join("copyright"))?;
    Ok(())
}

fn write_control(data: &Path, control: &Path) -> Result<(), Failure> {
    let mut files = Vec::new();
    let mut size = 0;
    for path in stage::paths(data)? {
        let metadata = data.join(&path).symlink_metadata()?;
        // In kibibytes; a link or a directory counts as one.
        size += metadata.len().div_ceil(1024).max(1);
        if metadata.is_file() {
            files.push(path.display().to_string());
        }
    }
    let text = filled(
        "debian/control",
        &[
            ("@VERSION@", VERSION),
            ("@ARCHITECTURE@", architecture(true)),
            ("@SIZE@", &size.to_string()),
            ("@GLIBC@", floor::GLIBC),
        ],
    )?;
    fs::write(control.join("control"), text)?;
    fs::write(control.join("md5sums"), sums("md5sum", data, &files)?)?;
    for name in SCRIPTS {
        let path = control.join(name);
        fs::write(&path, filled(&format!("debian/{name}"), &[])?)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}
