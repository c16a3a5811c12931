//! One call of gRPC over a Unix socket: one connection, one request, one answer.
//!
//! That is all a test needs, and it is little of HTTP/2: no second stream, no flow control (a request is
//! smaller than any window, an answer smaller than the first one), no table of header fields (we allow the
//! engine none). The usual client would bring tokio, which `deny.toml` keeps out, and minutes of a cold build.

use super::protobuf::Message;
use httlib_hpack::Decoder;
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const LIMIT: Duration = Duration::from_secs(120);
/// The only stream.
const STREAM: u32 = 1;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;
const PRIORITY: u8 = 0x20;

/// Calls `path`, and returns the answer's message or the error that the engine names.
pub(super) fn call(socket: &Path, path: &str, request: &Message) -> io::Result<Vec<u8>> {
    let mut connection = Connection::open(socket)?;
    connection.send(path, request.bytes())?;
    connection.receive()
}

struct Connection {
    stream: UnixStream,
}

struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

impl Connection {
    fn open(socket: &Path) -> io::Result<Self> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(LIMIT))?;
        let mut connection = Self { stream };
        connection.stream.write_all(PREFACE)?;
        // HEADER_TABLE_SIZE is 0, ENABLE_PUSH is 0.
        let settings = [0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0];
        connection.write(SETTINGS, 0, 0, &settings)?;
        Ok(connection)
    }

    fn send(&mut self, path: &str, message: &[u8]) -> io::Result<()> {
        let mut fields = Vec::new();
        for (name, value) in [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", path),
            (":authority", "localhost"),
            ("content-type", "application/grpc"),
            ("te", "trailers"),
        ] {
            // A literal without indexing, under a new name; lengths below 127 are one byte.
            fields.push(0);
            for text in [name, value] {
                fields.push(u8::try_from(text.len()).unwrap_or(0x7e));
                fields.extend_from_slice(text.as_bytes());
            }
        }
        self.write(HEADERS, END_HEADERS, STREAM, &fields)?;
        let length = u32::try_from(message.len()).map_err(io::Error::other)?;
        let mut data = vec![0];
        data.extend_from_slice(&length.to_be_bytes());
        data.extend_from_slice(message);
        self.write(DATA, END_STREAM, STREAM, &data)
    }

    fn receive(&mut self) -> io::Result<Vec<u8>> {
        let mut decoder = Decoder::with_dynamic_size(0);
        let (mut data, mut block, mut fields) = (Vec::new(), Vec::new(), Vec::new());
        let mut is_last = false;
        while !is_last || !block.is_empty() {
            let frame = self.read()?;
            match frame.kind {
                SETTINGS if frame.flags & ACK == 0 => self.write(SETTINGS, ACK, 0, &[])?,
                PING if frame.flags & ACK == 0 => self.write(PING, ACK, 0, &frame.payload)?,
                GOAWAY => return Err(io::Error::other("the engine has ended the connection")),
                RST_STREAM => return Err(io::Error::other("the engine has broken off the call")),
                DATA if frame.stream == STREAM => {
                    is_last |= frame.flags & END_STREAM != 0;
                    data.extend_from_slice(content(&frame)?);
                }
                HEADERS | CONTINUATION if frame.stream == STREAM => {
                    is_last |= frame.kind == HEADERS && frame.flags & END_STREAM != 0;
                    block.extend_from_slice(content(&frame)?);
                    if frame.flags & END_HEADERS != 0 {
                        decoder
                            .decode(&mut block, &mut fields)
                            .map_err(|error| io::Error::other(format!("{error:?}")))?;
                        block.clear();
                    }
                }
                _ => {}
            }
        }
        let field = |name: &str| {
            let found = fields.iter().find(|(key, ..)| key == name.as_bytes());
            found.map(|(_, value, _)| String::from_utf8_lossy(value).into_owned())
        };
        match field("grpc-status").as_deref() {
            // A flag, a length of four bytes, and the message.
            Some("0") => Ok(data.split_off(data.len().min(5))),
            status => Err(io::Error::other(format!(
                "{} (status {})",
                unescape(&field("grpc-message").unwrap_or_default()),
                status.unwrap_or("missing")
            ))),
        }
    }

    fn write(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> io::Result<()> {
        let length = u32::try_from(payload.len()).map_err(io::Error::other)?;
        let mut frame = length.to_be_bytes()[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(stream.to_be_bytes());
        frame.extend_from_slice(payload);
        self.stream.write_all(&frame)
    }

    fn read(&mut self) -> io::Result<Frame> {
        let mut head = [0; 9];
        self.stream.read_exact(&mut head)?;
        let [l0, l1, l2, kind, flags, s0, s1, s2, s3] = head;
        let length = u32::from_be_bytes([0, l0, l1, l2]);
        let mut payload = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        self.stream.read_exact(&mut payload)?;
        Ok(Frame {
            kind,
            flags,
            stream: u32::from_be_bytes([s0 & 0x7f, s1, s2, s3]),
            payload,
        })
    }
}

/// The payload without padding and priority.
fn content(frame: &Frame) -> io::Result<&[u8]> {
    let mut payload = frame.payload.as_slice();
    if frame.kind != CONTINUATION && frame.flags & PADDED != 0 {
        let padding = payload.first().copied().map_or(0, usize::from);
        let end = payload.len().saturating_sub(padding);
        payload = payload.get(1..end).unwrap_or_default();
    }
    if frame.kind == HEADERS && frame.flags & PRIORITY != 0 {
        payload = payload
            .get(5..)
            .ok_or_else(|| io::Error::other("a frame of HTTP/2 is too short"))?;
    }
    Ok(payload)
}

/// `grpc-message` has its bytes outside of printable ASCII as `%XX`.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut parts = text.split('%');
    bytes.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        let code = part
            .get(..2)
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        if let Some(code) = code {
            bytes.push(code);
            bytes.extend_from_slice(&part.as_bytes()[2..]);
        } else {
            bytes.push(b'%');
            bytes.extend_from_slice(part.as_bytes());
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn error_messages_are_unescaped() {
        assert_eq!(unescape("100%25 %C3%A9 %zz"), "100% é %zz");
    }
}
