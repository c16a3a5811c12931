//! A request at a socket, and an answer that may have gigabytes.
//!
//! It asks in HTTP 1.0, where an answer ends with the connection. A daemon may answer in 1.1 all the same, with chunks or a
//! length, and then both are heeded: an answer that breaks off is not taken for a whole one.

use super::{failed, usual_sockets};
use crate::error::CliError;
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A daemon that writes an image to its disk before it gives the first byte of it takes minutes.
const LIMIT: Duration = Duration::from_secs(20 * 60);
/// The longest head of an answer, and the longest line of it.
const LONGEST_HEAD: u64 = 64 << 10;
/// The longest answer that is read for its words.
const LONGEST_WORDS: u64 = 64 << 10;

/// Where the daemon is.
#[derive(Debug)]
pub(super) struct Host(pub(super) Option<PathBuf>);

impl Host {
    /// What `DOCKER_HOST` says, or the usual places; none if it is not a socket of this machine.
    pub(super) fn from_environment() -> Option<Self> {
        match std::env::var("DOCKER_HOST") {
            Ok(host) if !host.is_empty() => {
                let path = host.strip_prefix("unix://")?;
                Some(Self(Some(PathBuf::from(path))))
            }
            _ => Some(Self(None)),
        }
    }

    /// The socket; none if there is none at the usual places. One that was named is there, and says what is wrong.
    pub(super) fn socket(self) -> Option<PathBuf> {
        self.0
            .or_else(|| usual_sockets().into_iter().find(|socket| socket.exists()))
    }
}

/// An answer, of which the head has been read.
pub(super) struct Answer {
    pub(super) status: u16,
    framing: Framing,
    rest: BufReader<UnixStream>,
}

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    /// With the connection.
    Closing,
    Length(u64),
    Chunks,
}

impl Answer {
    /// Asks for `path`, which must have no characters that would have to be escaped.
    pub(super) fn of(socket: &Path, path: &str) -> io::Result<Self> {
        let mut stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(LIMIT))?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: docker\r\n\r\n")?;
        let mut rest = BufReader::with_capacity(64 << 10, stream);
        let mut head = rest.by_ref().take(LONGEST_HEAD);
        let mut line = || {
            let mut line = Vec::new();
            head.read_until(b'\n', &mut line)?;
            match line.strip_suffix(b"\n") {
                Some(line) => {
                    let line = line.strip_suffix(b"\r").unwrap_or(line);
                    Ok(String::from_utf8_lossy(line).into_owned())
                }
                None => Err(io::Error::other("what answers speaks no HTTP")),
            }
        };
        let first = line()?;
        let status = first.strip_prefix("HTTP/1.").and_then(|rest| {
            let status = rest.split(' ').nth(1)?;
            status.parse().ok()
        });
        let status = status.ok_or_else(|| io::Error::other("what answers speaks no HTTP"))?;
        let mut framing = Framing::Closing;
        loop {
            let line = line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or((&line, ""));
            let value = value.trim();
            if name.eq_ignore_ascii_case("transfer-encoding")
                && value.eq_ignore_ascii_case("chunked")
            {
                framing = Framing::Chunks;
            } else if name.eq_ignore_ascii_case("content-length") && framing != Framing::Chunks {
                let length = value.parse().map_err(io::Error::other)?;
                framing = Framing::Length(length);
            }
        }
        Ok(Self {
            status,
            framing,
            rest,
        })
    }

    /// The body, as a stream.
    pub(super) fn body(self) -> Box<dyn Read> {
        match self.framing {
            Framing::Closing => Box::new(self.rest),
            Framing::Length(left) => Box::new(Whole {
                left,
                source: self.rest,
            }),
            Framing::Chunks => Box::new(Chunks {
                left: 0,
                is_first: true,
                has_ended: false,
                source: self.rest,
            }),
        }
    }

    /// What the daemon says why not: `{"message": "…"}`.
    pub(super) fn refusal(self) -> CliError {
        let status = self.status;
        let mut bytes = Vec::new();
        self.body().take(LONGEST_WORDS).read_to_end(&mut bytes).ok();
        let answer: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let message = answer["message"].as_str().unwrap_or("it says no more");
        failed(
            format!(
                "Docker refuses with status {status}: {}",
                liftgate_plan::shortened(message)
            ),
            "see the daemon's log",
        )
    }
}

/// So many bytes, and not fewer.
struct Whole<R> {
    left: u64,
    source: R,
}

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let size = self.source.read(&mut buffer[..most])?;
        if size == 0 && most > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= size as u64;
        Ok(size)
    }
}

/// Chunks: a length in hexadecimal digits, so many bytes, and so on to one of none.
struct Chunks {
    left: u64,
    is_first: bool,
    has_ended: bool,
    source: BufReader<UnixStream>,
}

impl Chunks {
    fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        self.source
            .by_ref()
            .take(1024)
            .read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(String::from_utf8_lossy(&line).trim().to_owned())
    }
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() || self.has_ended {
            return Ok(0);
        }
        if self.left == 0 {
            if !self.is_first {
                self.line()?;
            }
            self.is_first = false;
            let line = self.line()?;
            let digits = line.split(';').next().unwrap_or_default();
            self.left = u64::from_str_radix(digits.trim(), 16).map_err(io::Error::other)?;
            if self.left == 0 {
                self.has_ended = true;
                return Ok(0);
            }
        }
        let most = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let size = self.source.read(&mut buffer[..most])?;
        if size == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= size as u64;
        Ok(size)
    }
}
