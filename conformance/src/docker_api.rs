//! A client of Docker's API at its socket, as Compose is one: what it takes to run one container.
//!
//! It speaks HTTP 1.0, where an answer ends with the connection: no chunks, no lengths.

use serde_json::{Value, json};
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The version of the API that Docker 20.10 has; later daemons still know it.
const VERSION: &str = "v1.41";
/// Longer than any container of a test runs.
const LIMIT: Duration = Duration::from_secs(120);

/// A client at the socket of a daemon.
#[derive(Debug, Clone)]
pub struct DockerApi {
    socket: PathBuf,
}

/// What a container came to.
#[derive(Debug, Clone)]
pub struct Ended {
    /// Its exit status; `None` if the daemon did not create or start it.
    pub status: Option<i64>,
    /// What it wrote.
    pub stdout: String,
    /// What it wrote on standard error, or why the daemon refused.
    pub stderr: String,
}

/// An answer.
struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl DockerApi {
    /// A client at this socket.
    pub fn at(socket: &Path) -> Self {
        Self {
            socket: socket.to_owned(),
        }
    }

    /// Runs a container described as the body of `/containers/create`, and removes it.
    pub fn run(&self, configuration: &Value) -> io::Result<Ended> {
        let created = self.call("POST", "containers/create", Some(configuration))?;
        if created.status >= 300 {
            return Ok(created.refusal());
        }
        let id = created.json()?["Id"]
            .as_str()
            .ok_or_else(|| io::Error::other("a container without an id"))?
            .to_owned();
        let ended = self.run_created(&id);
        let removed = self.call("DELETE", &format!("containers/{id}?force=1"), None)?;
        if removed.status >= 300 {
            return Err(io::Error::other(removed.refusal().stderr));
        }
        ended
    }

    fn run_created(&self, id: &str) -> io::Result<Ended> {
        let started = self.call("POST", &format!("containers/{id}/start"), None)?;
        if started.status >= 300 {
            return Ok(started.refusal());
        }
        let waited = self.call("POST", &format!("containers/{id}/wait"), None)?;
        let status = waited.json()?["StatusCode"].as_i64();
        let logs = format!("containers/{id}/logs?stdout=1&stderr=1");
        let (stdout, stderr) = streams(&self.call("GET", &logs, None)?.body);
        Ok(Ended {
            status,
            stdout,
            stderr,
        })
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> io::Result<Answer> {
        let body = body.map_or_else(String::new, Value::to_string);
        let mut stream = UnixStream::connect(&self.socket)?;
        stream.set_read_timeout(Some(LIMIT))?;
        write!(
            stream,
            "{method} /{VERSION}/{path} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        Answer::parse(&bytes).ok_or_else(|| io::Error::other(format!("{path}: no answer of HTTP")))
    }
}

impl Answer {
    fn parse(bytes: &[u8]) -> Option<Self> {
        const END: &[u8] = b"\r\n\r\n";
        let end = bytes.windows(END.len()).position(|window| window == END)?;
        let head = std::str::from_utf8(&bytes[..end]).ok()?;
        Some(Self {
            status: head.split(' ').nth(1)?.parse().ok()?,
            body: bytes[end + END.len()..].to_vec(),
        })
    }

    fn json(&self) -> io::Result<Value> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    fn refusal(&self) -> Ended {
        let message = self.json().unwrap_or_else(|_| json!({}));
        Ended {
            status: None,
            stdout: String::new(),
            stderr: message["message"].as_str().unwrap_or_default().to_owned(),
        }
    }
}

/// Takes apart what a container without a terminal wrote: pieces with eight bytes before each, of which the
/// first says which stream it is, and the last four how long.
fn streams(mut bytes: &[u8]) -> (String, String) {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    while let Some((head, rest)) = bytes.split_first_chunk::<8>() {
        let [stream, _, _, _, length @ ..] = *head;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        let (piece, rest) = rest.split_at(length.min(rest.len()));
        let target = if stream == 2 {
            &mut stderr
        } else {
            &mut stdout
        };
        target.extend_from_slice(piece);
        bytes = rest;
    }
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (text(stdout), text(stderr))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_streams_are_told_apart() {
        let bytes = b"\x01\0\0\0\0\0\0\x02ab\x02\0\0\0\0\0\0\x01c\x01\0\0\0\0\0\0\x01d\x01\0";
        assert_eq!(streams(bytes), ("abd".to_owned(), "c".to_owned()));
    }

    #[test]
    fn an_answer_is_a_status_and_a_body() {
        let answer = Answer::parse(b"HTTP/1.0 404 Not Found\r\nA: b\r\n\r\n{}").unwrap();
        assert_eq!((answer.status, &*answer.body), (404, &b"{}"[..]));
        assert!(Answer::parse(b"HTTP/1.0 200").is_none());
    }
}
