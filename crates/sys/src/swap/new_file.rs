//! The new file, written beside the old one, with all that hangs on that.

use super::HALF;
use crate::error::{Errno, SysError};
use crate::file;
use rustix::fs::{Gid, Mode, OFlags, Uid, XattrFlags};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

/// Writes the new file, with the mode, the owner and the attributes of the one at `path`; `mode` is for one that is not there yet.
pub(super) fn write(path: &Path, aside: &Path, content: &[u8], mode: u32) -> Result<(), SysError> {
    let failed = |operation: &str, errno| {
        SysError::new(format!("{operation}(`{}`)", aside.display()), errno)
    };
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let fd = rustix::fs::open(aside, flags, Mode::from_raw_mode(HALF))
        .map_err(|errno| failed("open", errno))?;
    let mut new = File::from(fd);
    new.write_all(content)
        .map_err(|error| SysError::from_io(format!("write(`{}`)", aside.display()), &error))?;
    let mut mode = mode;
    if let Some(old) = file::metadata(path)? {
        let stat = rustix::fs::fstat(&new).map_err(|errno| failed("fstat", errno))?;
        if (stat.st_uid, stat.st_gid) != (old.uid, old.gid) {
            let (user, group) = (Uid::from_raw(old.uid), Gid::from_raw(old.gid));
            rustix::fs::fchown(&new, Some(user), Some(group))
                .map_err(|errno| failed("fchown", errno))?;
        }
        copy_attributes(path, &new)?;
        mode = old.mode;
    }
    rustix::fs::fchmod(&new, Mode::from_raw_mode(mode)).map_err(|errno| failed("fchmod", errno))?;
    // A rename that outlives a power cut must not lead to an empty file.
    rustix::fs::fsync(&new).map_err(|errno| failed("fsync", errno))
}

/// Security labels, access control lists, whatever else somebody has hung on the file.
fn copy_attributes(path: &Path, new: &File) -> Result<(), SysError> {
    let failed =
        |operation: &str, errno| SysError::new(format!("{operation}(`{}`)", path.display()), errno);
    let mut names = vec![0; 64 << 10];
    let length = match rustix::fs::listxattr(path, &mut names[..]) {
        Ok(length) => length,
        Err(Errno::NOTSUP | Errno::NOSYS) => return Ok(()),
        Err(errno) => return Err(failed("listxattr", errno)),
    };
    let mut value = vec![0; 64 << 10];
    for name in names[..length].split(|byte| *byte == 0) {
        if name.is_empty() {
            continue;
        }
        let length = match rustix::fs::getxattr(path, name, &mut value[..]) {
            Ok(length) => length,
            // Gone meanwhile, or nobody's to read.
            Err(Errno::NODATA | Errno::NOTSUP | Errno::PERM | Errno::ACCESS) => continue,
            Err(errno) => return Err(failed("getxattr", errno)),
        };
        match rustix::fs::fsetxattr(new, name, &value[..length], XattrFlags::empty()) {
            Ok(()) | Err(Errno::NOTSUP | Errno::PERM | Errno::ACCESS) => {}
            Err(errno) => return Err(failed("fsetxattr", errno)),
        }
    }
    Ok(())
}
