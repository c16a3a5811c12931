//! Images that somebody has made to do harm: each comes to an error with a sentence, or to nothing.

use crate::support::{Image, Layer, Packing, cuda_library, pack, read, read_layout, tar_of};
use liftgate_image::ImageError;
use liftgate_image::facts::ImageFacts;
use serde_json::json;
use std::io::Read;

fn with_layer(layer: Vec<u8>) -> Result<ImageFacts, ImageError> {
    let mut image = Image::of(vec![]);
    image.layers.push(layer);
    read(&image.saved())
}

/// A header with this path, kind and size, and the right sum.
fn header(path: &str, kind: u8, size: &[u8; 12]) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..path.len()].copy_from_slice(path.as_bytes());
    block[124..136].copy_from_slice(size);
    block[156] = kind;
    block[257..263].copy_from_slice(b"ustar\0");
    block[148..156].copy_from_slice(b"        ");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

/// Half a terabyte, in base 256.
const HUGE: &[u8; 12] = &[0x80, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0];

#[test]
fn sizes_that_are_only_claimed() {
    let mut layer = header("usr/lib/libcuda.so.1", b'0', HUGE);
    layer.extend(cuda_library("libcuda.so.1", &[], &["sm_80"]));
    layer.resize(4096, 0);
    assert!(matches!(
        with_layer(layer),
        Err(ImageError::Malformed { .. })
    ));
    for kind in [b'L', b'K', b'x'] {
        let mut layer = header("name", kind, HUGE);
        layer.resize(1 << 20, b'a');
        let found = with_layer(layer);
        assert!(
            matches!(found, Err(ImageError::TooMuch { .. })),
            "{}: {found:?}",
            char::from(kind)
        );
    }
    let whole = [0xff; 12];
    assert!(matches!(
        with_layer(header("x", b'0', &whole)),
        Err(ImageError::Malformed { .. })
    ));
    // A record of pax that says so of the entry.
    let mut pax = tar::Builder::new(Vec::new());
    pax.append_pax_extensions([("size", &b"18446744073709551615"[..])])
        .unwrap();
    let mut layer = pax.into_inner().unwrap();
    layer.truncate(1024);
    layer.extend(header("x", b'0', b"00000000000\0"));
    assert!(matches!(
        with_layer(layer),
        Err(ImageError::Malformed { .. })
    ));
}

#[test]
fn headers_without_an_entry() {
    let layer = header("x", b'L', b"00000000000\0").repeat(100);
    assert!(matches!(
        with_layer(layer),
        Err(ImageError::Malformed { .. })
    ));
}

#[test]
fn streams_that_unpack_to_anything() {
    // A tar of zeros, as a gzip stream of two megabytes.
    let mut bomb = header("zeros", b'0', &[0x80, 0, 0, 0, 0, 0, 0, 0x7f, 0, 0, 0, 0]);
    bomb.extend(vec![0; 16 << 20]);
    let piece = pack(&vec![0; 16 << 20], Packing::Gzip);
    let mut packed = pack(&bomb, Packing::Gzip);
    // Gzip streams behind each other are one.
    for _ in 0..80 {
        packed.extend(&piece);
    }
    let found = with_layer(packed);
    assert!(matches!(found, Err(ImageError::Bomb { .. })), "{found:?}");
}

#[test]
fn a_window_larger_than_memory() {
    let mut frame = 0xfd2f_b528_u32.to_le_bytes().to_vec();
    frame.extend([0x00, 0xff]); // a window of 3.75 TiB
    frame.extend([1, 0, 0, 0, 0, 0, 0]);
    let error = with_layer(frame).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("window"), "{source}");
}

#[test]
fn links_that_lead_out_or_nowhere() {
    let library = cuda_library("libcublas.so.12", &[], &["sm_80"]);
    let found = with_layer(
        Layer::new()
            .link("a", "b")
            .link("b", "a")
            .link("usr/lib/libcuda.so.1", "/a/b/libcuda.so.1")
            .link("usr/lib/libcudart.so.12", "../../../../../../etc/passwd")
            .link("self", "self/self/self/self")
            .hard("usr/lib/libnccl.so.2", "self/x")
            .hard("usr/lib/libnvrtc.so.12", "usr/lib/libnvrtc.so.12")
            .file("self/libcublas.so.12", &library)
            .bytes(),
    )
    .unwrap();
    let dangling: Vec<&str> = found
        .dangling
        .iter()
        .map(|link| link.path.as_str())
        .collect();
    assert_eq!(
        dangling,
        ["/usr/lib/libcuda.so.1", "/usr/lib/libcudart.so.12"]
    );
    assert_eq!(found.libraries.len(), 1, "{:?}", found.libraries);
}

#[test]
fn paths_that_lead_out_stay_in() {
    let library = cuda_library("libcublas.so.12", &[], &["sm_80"]);
    let mut layer = header("../../../usr/lib/libcublas.so.12", b'0', b"00000001750\0");
    layer.extend(&library[..0o1750]);
    layer.resize(512 + 1024, 0);
    let found = with_layer(layer).unwrap();
    assert_eq!(found.libraries[0].path, "/usr/lib/libcublas.so.12");
    let deep = "d/".repeat(4000);
    let mut layer = header(
        "x",
        b'L',
        format!("{:011o}\0", deep.len())
            .as_bytes()
            .try_into()
            .unwrap(),
    );
    layer.extend(deep.as_bytes());
    layer.resize(layer.len().next_multiple_of(512), 0);
    layer.extend(header("x", b'0', b"00000000000\0"));
    assert!(matches!(
        with_layer(layer),
        Err(ImageError::Malformed { .. })
    ));
}

#[test]
fn documents_that_are_not_what_they_should_be() {
    let layer = Layer::new().file("x", b"y").bytes();
    for manifest in [
        "[",
        "{}",
        "[{\"Config\": 7}]",
        "[{\"Config\": \"/etc/passwd\"}]",
        "null",
        "[]",
    ] {
        let archive = Layer::new()
            .file("l/layer.tar", &layer)
            .file("manifest.json", manifest.as_bytes())
            .bytes();
        let found = read(&archive);
        assert!(found.is_err(), "{manifest}: {found:?}");
    }
    // An index that is its own index, and a tower of them.
    let digest = "a".repeat(64);
    let own = json!({"digest": format!("sha256:{digest}")});
    let index = json!({"manifests": [own, own, own]});
    let files = [
        ("index.json".to_owned(), index.to_string().into_bytes()),
        (
            format!("blobs/sha256/{digest}"),
            index.to_string().into_bytes(),
        ),
    ];
    let files = files.into_iter().collect();
    assert!(read_layout(&files).is_err());
    assert!(read(&tar_of(files.iter())).is_err());
    // JSON that nests without end is no document either.
    let deep = "[".repeat(1 << 20);
    let archive = Layer::new().file("manifest.json", deep.as_bytes()).bytes();
    assert!(matches!(read(&archive), Err(ImageError::Malformed { .. })));
}

#[test]
fn archives_that_break_off_anywhere() {
    let library = cuda_library("libcublas.so.12", &["libc.so.6"], &["sm_80"]);
    let image = || Image::of(vec![Layer::new().file("usr/lib/libcublas.so.12", &library)]);
    for packing in [Packing::Plain, Packing::Gzip, Packing::Zstd] {
        let whole = image().packed(packing).saved();
        for end in (0..whole.len() - 1024).step_by(97) {
            // Cut where a header would be, it is an archive with fewer parts.
            assert!(
                read(&whole[..end]).is_err(),
                "{packing:?}: {end} of {}",
                whole.len()
            );
        }
    }
}

/// A reader that never gives more than a byte.
struct Slow<'a>(&'a [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let size = buffer.len().min(1);
        self.0.read(&mut buffer[..size])
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    /// Bytes that are changed anywhere come to an error or to other facts, and no more.
    #[test]
    fn changed_bytes_do_no_harm(
        changes in proptest::collection::vec((0_usize..30_000, 0_u8..), 1..8),
        packing in 0_usize..3,
    ) {
        let packing = [Packing::Plain, Packing::Gzip, Packing::Zstd][packing];
        let library = cuda_library("libcublas.so.12", &["libc.so.6"], &["sm_80", "compute_90"]);
        let image = Image::of(vec![
            Layer::new().file("usr/lib/libcublas.so.12", &library).link("lib", "usr/lib"),
            Layer::new().file("usr/lib/.wh.libcublas.so.12", b"").hard("a", "usr/lib/x"),
        ]);
        let mut archive = image.packed(packing).saved();
        for (at, value) in changes {
            let at = at % archive.len();
            archive[at] = value;
        }
        let wanted = crate::support::wanted();
        let slow = liftgate_image::read_archive(Slow(&archive), &wanted, &mut |_| ());
        let fast = liftgate_image::read_archive(archive.as_slice(), &wanted, &mut |_| ());
        proptest::prop_assert_eq!(slow.is_ok(), fast.is_ok());
        if let (Ok(slow), Ok(fast)) = (slow, fast) {
            proptest::prop_assert_eq!(format!("{slow:?}"), format!("{fast:?}"));
        }
    }
}
