//! How much memory a large image takes, in a process of its own: a stream of gigabytes that is made as it is read.

use liftgate_image::facts::Platform;
use liftgate_image::{Wanted, read_archive};
use liftgate_testhost::{Class, FatBinary, shared_object, with_sections};
use serde_json::json;
use std::fs;
use std::io::{self, Read};

/// What an image of any size may take.
const MOST_MEMORY: u64 = 200 << 20;
/// Larger than what is kept of a file, and than any real library.
const LIBRARY: u64 = 2 << 30;
const FILES: u64 = 150_000;

/// A piece of the stream.
enum Piece {
    Bytes(Vec<u8>),
    /// So many bytes of this pattern, over and over.
    Pattern(u64),
}

/// Reads pieces that are made when their turn comes.
struct Made<I> {
    pieces: I,
    piece: Piece,
    at: usize,
}

impl<I: Iterator<Item = Piece>> Read for Made<I> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match &mut self.piece {
                Piece::Bytes(bytes) if self.at < bytes.len() => {
                    let size = (&bytes[self.at..]).read(buffer)?;
                    self.at += size;
                    return Ok(size);
                }
                Piece::Pattern(left) if *left > 0 => {
                    let size = buffer
                        .len()
                        .min(usize::try_from(*left).unwrap_or(usize::MAX));
                    buffer[..size].fill(0xb5);
                    *left -= size as u64;
                    return Ok(size);
                }
                _ => match self.pieces.next() {
                    Some(piece) => (self.piece, self.at) = (piece, 0),
                    None => return Ok(0),
                },
            }
        }
    }
}

fn header(path: &str, size: u64) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_path(path).expect("a short path");
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    header.as_bytes().to_vec()
}

/// A file of a tar.
fn file(path: &str, content: &[u8]) -> Piece {
    let mut bytes = header(path, content.len() as u64);
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    Piece::Bytes(bytes)
}

/// The size of a small file in a tar.
const SMALL: u64 = 1024;

#[test]
fn an_image_of_gigabytes_takes_little_memory() {
    let code = FatBinary::of(&["sm_90", "compute_90"]).bytes();
    let object = with_sections(
        &shared_object(Class::Elf64, "libcublas.so.12", &[]),
        &[(".nv_fatbin", &code)],
    );
    let content = object.len() as u64 + LIBRARY;
    // A library, and so many links and small files.
    let library = 512 + content.next_multiple_of(512);
    let layer = library + FILES * SMALL + 1024;
    let small = (0..FILES).map(|number| match number % 3 {
        0 => file(
            &format!("usr/lib/python3/dist-packages/package{number}/_native.so"),
            b"no ELF",
        ),
        _ => file(&format!("usr/share/package{number}/file"), b"nothing"),
    });
    let padding = content.next_multiple_of(512) - content;
    let configuration = json!({"os": "linux", "architecture": "amd64", "config": {}});
    let manifest = json!([{"Config": "c.json", "RepoTags": ["x:1"], "Layers": ["l/layer.tar"]}]);
    let pieces = [
        Piece::Bytes(header("l/layer.tar", layer)),
        Piece::Bytes(header("usr/lib/libcublas.so.12", content)),
        Piece::Bytes(object),
        Piece::Pattern(LIBRARY),
        Piece::Bytes(vec![0; usize::try_from(padding).unwrap()]),
    ]
    .into_iter()
    .chain(small)
    .chain([
        Piece::Bytes(vec![0; 1024]),
        file("c.json", configuration.to_string().as_bytes()),
        file("manifest.json", manifest.to_string().as_bytes()),
        Piece::Bytes(vec![0; 1024]),
    ]);
    let source = Made {
        pieces,
        piece: Piece::Bytes(Vec::new()),
        at: 0,
    };
    let wanted = Wanted {
        name: None,
        platform: Platform::default(),
    };
    let mut told = 0;
    let facts = read_archive(source, &wanted, &mut |read| told = read).unwrap();
    assert!(told > LIBRARY + FILES * SMALL, "{told} bytes read");
    assert_eq!(facts.libraries.len(), 1);
    let elf = facts.libraries[0].elf.as_ref().expect("ELF");
    assert_eq!(elf.code.all().len(), 2);
    assert_eq!(facts.present["_native.so"].len() as u64, FILES / 3);
    let peak = peak_memory();
    assert!(peak <= MOST_MEMORY, "{peak} bytes of memory");
}

/// What the process had at most.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("procfs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.expect("a peak") << 10
}
