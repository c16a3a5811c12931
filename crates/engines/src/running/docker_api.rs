//! What a Docker daemon says of itself at its socket.
//!
//! HTTP 1.0, where an answer ends with the connection: no chunks, no lengths, and no client program is needed. Nothing is asked but
//! `GET`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// A daemon that is asked too much is slow to answer; one that has stopped never does.
const LIMIT: Duration = Duration::from_secs(20);
/// Longer than any answer: `/info` of a machine with a thousand CDI devices has a tenth of it.
const MAX_BYTES: u64 = 4 << 20;

/// A part of what `docker info` shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DockerInfo {
    /// The daemon's version.
    pub server_version: String,
    /// The system that it runs on, by its own words.
    pub operating_system: String,
    /// The runtimes that it knows.
    pub runtimes: BTreeMap<String, DockerRuntime>,
    /// The one of containers that name none.
    pub default_runtime: String,
    /// How many containers run.
    pub containers_running: u64,
    /// Whether they outlive a restart of the daemon.
    pub live_restore_enabled: bool,
    /// What keeps the daemon in bounds: `name=rootless` among others.
    pub security_options: Vec<String>,
    /// Where it looks for CDI specifications; `None` before 28.2 and where it does not.
    #[serde(rename = "CDISpecDirs")]
    pub cdi_spec_dirs: Option<Vec<String>>,
}

/// A runtime.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct DockerRuntime {
    /// Its program.
    pub path: String,
}

impl DockerInfo {
    /// Asks the daemon at a socket.
    pub fn ask(socket: &Path) -> io::Result<Self> {
        let body = get(socket, "/info")?;
        serde_json::from_slice(&body).map_err(io::Error::from)
    }

    /// Whether it is of a user who is not root.
    pub fn is_rootless(&self) -> bool {
        self.security_options
            .iter()
            .any(|option| option.split(',').any(|part| part == "name=rootless"))
    }

    /// Whether it is Docker Desktop's, in a virtual machine.
    pub fn is_desktop(&self) -> bool {
        self.operating_system.starts_with("Docker Desktop")
    }

    /// The two first numbers of its version.
    pub fn release(&self) -> Option<(u64, u64)> {
        let mut parts = self.server_version.splitn(3, '.');
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    }
}

fn get(socket: &Path, path: &str) -> io::Result<Vec<u8>> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: docker\r\n\r\n")?;
    let mut bytes = Vec::new();
    stream.take(MAX_BYTES).read_to_end(&mut bytes)?;
    body(&bytes)
}

/// The body of an answer that is one.
fn body(bytes: &[u8]) -> io::Result<Vec<u8>> {
    const END: &[u8] = b"\r\n\r\n";
    let answer = bytes.windows(END.len()).position(|window| window == END);
    let head = answer.and_then(|end| std::str::from_utf8(&bytes[..end]).ok());
    let status = head.and_then(|head| head.split(' ').nth(1)?.parse::<u16>().ok());
    match (answer, status) {
        (Some(end), Some(200)) => Ok(bytes[end + END.len()..].to_vec()),
        (_, Some(status)) => Err(io::Error::other(format!(
            "the daemon answers with status {status}"
        ))),
        _ => Err(io::Error::other("the daemon's answer is none of HTTP")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        assert_eq!(body(b"HTTP/1.0 200 OK\r\nA: b\r\n\r\n{}").unwrap(), b"{}");
        for bytes in [
            &b""[..],
            b"\r\n\r\n",
            b"HTTP/1.0 500 No\r\n\r\n{}",
            b"HTTP/1.0 200 OK\r\n",
            b"\xff\xff\r\n\r\n",
        ] {
            assert!(body(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn info() {
        let text = r#"{"ServerVersion":"28.5.2","Runtimes":{"nvidia":{"path":"/x","status":{}},"runc":{"path":"runc"}},
            "DefaultRuntime":"runc","SecurityOptions":["name=seccomp,profile=builtin","name=rootless"],"CDISpecDirs":null,"Other":1}"#;
        let info: DockerInfo = serde_json::from_str(text).unwrap();
        assert_eq!(info.release(), Some((28, 5)));
        assert_eq!(info.runtimes["nvidia"].path, "/x");
        assert!(info.is_rootless() && !info.is_desktop());
        assert_eq!(DockerInfo::default().release(), None);
    }
}
