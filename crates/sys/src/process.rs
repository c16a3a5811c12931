//! What a process owes before it touches anything that a container controls, and how it hands over.

use crate::error::{Errno, SysError};
use std::convert::Infallible;
use std::ffi::{CString, OsStr, OsString};
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};

/// Where programs are, on a host and in a container, whatever the `PATH` says.
pub const USUAL_PATH: [&str; 6] = [
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
];

/// Empties the environment of this process.
///
/// A `createContainer` hook with no `env` of its own inherited the image's environment from runc before
/// 1.3, `LD_PRELOAD` included (CVE-2025-23266). Being static, we are not moved by loader variables; this
/// also takes them from whatever we might start.
pub fn clear_environment() {
    #[cfg(liftgate_weakened)]
    if crate::weakness::Weakness::InheritedEnvironment.is_on() {
        crate::weakness::convert_text();
        return;
    }
    // SAFETY: `clearenv` is unsafe while another thread reads or writes the environment. The two callers
    // are the first lines of programs that have not started a thread.
    #[expect(unsafe_code, reason = "clearenv has no safe wrapper")]
    unsafe {
        libc::clearenv();
    }
}

/// Closes every descriptor from 3 on, so that nothing a caller left open leaks into our work.
pub fn close_inherited_descriptors() -> Result<(), SysError> {
    // SAFETY: no descriptor from 3 on is owned by a Rust value yet: this is called first in `main`, so no
    // `OwnedFd` can dangle.
    #[expect(unsafe_code, reason = "close_range has no safe wrapper")]
    let answer = unsafe { libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, 0_u32) };
    if answer == 0 {
        return Ok(());
    }
    let errno = Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::INVAL);
    if errno != Errno::NOSYS {
        return Err(SysError::new("close_range(3, ~0, 0)", errno));
    }
    // A kernel before 5.9: one by one, as `/proc/self/fd` lists them.
    let descriptors: Vec<i32> = std::fs::read_dir("/proc/self/fd")
        .map_err(|error| SysError::from_io("readdir(`/proc/self/fd`)", &error))?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|descriptor| *descriptor > 2)
        .collect();
    for descriptor in descriptors {
        // SAFETY: as above; the directory that was read is closed by now, and closing a number twice is
        // an error that is not looked at.
        #[expect(unsafe_code, reason = "closing descriptors that no value owns")]
        unsafe {
            libc::close(descriptor);
        }
    }
    Ok(())
}

/// From here on, no `execve` of this process or its children gains a privilege.
pub fn set_no_new_privileges() -> Result<(), SysError> {
    rustix::thread::set_no_new_privs(true)
        .map_err(|errno| SysError::new("prctl(PR_SET_NO_NEW_PRIVS)", errno))
}

/// No process of another may look into this one, or at the file it was started from.
///
/// A container that shares its process ids with another sees that one's hooks, as root, and could open
/// `/proc/PID/exe` to write over the host's program (CVE-2019-5736).
pub fn hide() -> Result<(), SysError> {
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
        .map_err(|errno| SysError::new("prctl(PR_SET_DUMPABLE, 0)", errno))
}

/// What a process that a container's engine starts does first: it empties its environment, closes what it has
/// inherited, hides, and gives up gaining privileges.
pub fn shed() -> Result<(), SysError> {
    clear_environment();
    close_inherited_descriptors()?;
    hide()?;
    set_no_new_privileges()
}

/// Replaces this process by `program`, with `arguments` (the first is `argv[0]`) and this process's
/// environment. Returns only to say why it could not.
pub fn exec(program: &Path, arguments: &[OsString]) -> Result<Infallible, SysError> {
    let mut command = std::process::Command::new(program);
    let mut arguments = arguments.iter();
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    let error = command.args(arguments).exec();
    Err(SysError::from_io(
        format!("execve(`{}`)", program.display()),
        &error,
    ))
}

/// Where a program is looked for: in the directories of this process's `PATH`, and in the usual ones, of which a unit or a caller may
/// have left some out. A relative directory would be whoever made the working directory.
pub fn search_path() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .filter(|directory| directory.is_absolute())
        .chain(USUAL_PATH.map(PathBuf::from))
        .collect()
}

/// The program of that name that is installed here.
pub fn installed(name: &str) -> Option<PathBuf> {
    find_executable(OsStr::new(name), search_path().iter().map(PathBuf::as_path))
}

/// Has a process read its configuration again, as daemons take `SIGHUP`.
pub fn hang_up(id: u32) -> Result<(), SysError> {
    let failed = |errno| SysError::new(format!("kill({id}, SIGHUP)"), errno);
    let process = i32::try_from(id)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    let process = process.ok_or_else(|| failed(Errno::SRCH))?;
    rustix::process::kill_process(process, rustix::process::Signal::HUP).map_err(failed)
}

/// The first of `directories` that holds `name` as an executable regular file.
pub fn find_executable<'a>(
    name: &OsStr,
    directories: impl IntoIterator<Item = &'a Path>,
) -> Option<PathBuf> {
    directories
        .into_iter()
        .map(|directory| directory.join(name))
        .find(|candidate| is_executable(candidate))
}

/// Whether the path is a regular file with an execute bit.
pub fn is_executable(path: &Path) -> bool {
    crate::file::metadata(path)
        .ok()
        .flatten()
        .is_some_and(|metadata| {
            metadata.kind == crate::metadata::FileKind::Regular && metadata.mode & 0o111 != 0
        })
}

/// The process that listens on a socket of this machine, as the kernel noted it when the listening began. None, if it is of
/// a process namespace that is not seen from here.
pub fn listener(socket: &Path) -> Result<Option<u32>, SysError> {
    let stream = UnixStream::connect(socket)
        .map_err(|error| SysError::from_io(format!("connect(`{}`)", socket.display()), &error))?;
    let mut peer = libc::ucred {
        pid: 0,
        uid: 0,
        gid: 0,
    };
    let mut length = libc::socklen_t::try_from(size_of::<libc::ucred>()).unwrap_or(0);
    // SAFETY: the kernel writes at most `length` bytes to `peer`, a plain struct of integers of that size; both
    // outlive the call, and `stream` keeps the descriptor open.
    #[expect(unsafe_code, reason = "rustix takes a process id of 0 for no value")]
    let answer = unsafe {
        libc::getsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            (&raw mut peer).cast(),
            &raw mut length,
        )
    };
    if answer != 0 {
        return Err(SysError::from_io(
            format!("getsockopt(`{}`, SO_PEERCRED)", socket.display()),
            &std::io::Error::last_os_error(),
        ));
    }
    Ok(u32::try_from(peer.pid).ok().filter(|&pid| pid > 0))
}

/// From here on, new files and directories of this process get the modes that are asked for, less `mask`.
pub fn set_umask(mask: u32) {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(mask));
}

/// The effective user.
pub fn effective_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The release of the running kernel, as `uname -r` prints it.
pub fn kernel_release() -> String {
    rustix::system::uname()
        .release()
        .to_string_lossy()
        .into_owned()
}

/// The kernel's name for a C string, refused if it holds a NUL.
pub(crate) fn c_string(text: &OsStr) -> Result<CString, SysError> {
    CString::new(text.as_bytes())
        .map_err(|_| SysError::refused(format!("name(`{}`)", text.display()), "holds a NUL byte"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_looked_for_in_absolute_directories() {
        assert!(
            search_path()
                .iter()
                .all(|directory| directory.is_absolute())
        );
        assert!(search_path().ends_with(&USUAL_PATH.map(PathBuf::from)));
        assert!(installed("sh").is_some_and(|program| is_executable(&program)));
        assert_eq!(installed("no-such-program"), None);
    }

    #[test]
    fn a_process_is_told_by_its_signal() {
        use std::os::unix::process::ExitStatusExt as _;
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        hang_up(child.id()).unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(1));
        assert!(hang_up(child.id()).is_err());
        assert!(hang_up(0).is_err() && hang_up(u32::MAX).is_err());
    }

    #[test]
    fn who_listens_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("socket");
        assert!(listener(&socket).unwrap_err().is_not_found());
        let listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert_eq!(listener(&socket), Ok(Some(std::process::id())));
        drop(listening);
        assert!(listener(&socket).is_err());
    }
}
