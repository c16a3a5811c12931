//! Layers and images made by hand.

use liftgate_image::facts::{ImageFacts, Platform};
use liftgate_image::{ImageError, Wanted, read_archive, read_directory};
use liftgate_testhost::{Class, FatBinary, shared_object_needing, with_sections};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write as _};

/// What a layer is packed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Zstd,
}

/// A layer.
pub(crate) struct Layer(tar::Builder<Vec<u8>>);

impl Layer {
    pub(crate) fn new() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }

    fn header(kind: tar::EntryType, size: usize) -> tar::Header {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(size as u64);
        header.set_mode(0o755);
        header
    }

    pub(crate) fn file(mut self, path: &str, content: &[u8]) -> Self {
        let mut header = Self::header(tar::EntryType::Regular, content.len());
        self.0
            .append_data(&mut header, path, content)
            .expect("memory");
        self
    }

    pub(crate) fn directory(mut self, path: &str) -> Self {
        let mut header = Self::header(tar::EntryType::Directory, 0);
        self.0
            .append_data(&mut header, path, &b""[..])
            .expect("memory");
        self
    }

    pub(crate) fn link(mut self, path: &str, target: &str) -> Self {
        let mut header = Self::header(tar::EntryType::Symlink, 0);
        self.0
            .append_link(&mut header, path, target)
            .expect("memory");
        self
    }

    pub(crate) fn hard(mut self, path: &str, target: &str) -> Self {
        let mut header = Self::header(tar::EntryType::Link, 0);
        self.0
            .append_link(&mut header, path, target)
            .expect("memory");
        self
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        self.0.into_inner().expect("memory")
    }
}

pub(crate) fn pack(bytes: &[u8], packing: Packing) -> Vec<u8> {
    match packing {
        Packing::Plain => bytes.to_vec(),
        Packing::Gzip => {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            packer.write_all(bytes).expect("memory");
            packer.finish().expect("memory")
        }
        Packing::Zstd => {
            let level = ruzstd::encoding::CompressionLevel::Fastest;
            ruzstd::encoding::compress_to_vec(bytes, level)
        }
    }
}

/// A library with CUDA code in its section.
pub(crate) fn cuda_library(soname: &str, needed: &[&str], code: &[&str]) -> Vec<u8> {
    let needed: Vec<String> = needed.iter().map(|name| (*name).to_owned()).collect();
    let object = shared_object_needing(Class::Elf64, soname, &needed, "2.17");
    if code.is_empty() {
        return object;
    }
    let code = FatBinary::of(code).bytes();
    with_sections(&object, &[(".nv_fatbin", &code)])
}

/// An image: the documents and layers that it consists of.
pub(crate) struct Image {
    pub(crate) layers: Vec<Vec<u8>>,
    pub(crate) configuration: Value,
}

impl Image {
    pub(crate) fn of(layers: Vec<Layer>) -> Self {
        Self {
            layers: layers.into_iter().map(Layer::bytes).collect(),
            configuration: configuration("amd64"),
        }
    }

    pub(crate) fn packed(mut self, packing: Packing) -> Self {
        for layer in &mut self.layers {
            *layer = pack(layer, packing);
        }
        self
    }

    pub(crate) fn environment(mut self, variables: &[&str]) -> Self {
        self.configuration["config"]["Env"] = json!(variables);
        self
    }

    /// As Docker wrote it until 24: the manifest is the last.
    pub(crate) fn saved(&self) -> Vec<u8> {
        let mut tar = Layer::new();
        let mut names = Vec::new();
        for (index, layer) in self.layers.iter().enumerate() {
            let name = format!("{index:064x}/layer.tar");
            tar = tar
                .file(&format!("{index:064x}/VERSION"), b"1.0")
                .file(&format!("{index:064x}/json"), b"{\"id\":\"x\"}")
                .file(&name, layer);
            names.push(name);
        }
        let manifest = json!([{
            "Config": "c0ffee.json", "RepoTags": ["example:1"], "Layers": names}]);
        tar.file("c0ffee.json", self.configuration.to_string().as_bytes())
            .file("manifest.json", manifest.to_string().as_bytes())
            .bytes()
    }

    /// The files of an OCI layout, and the descriptor of the image.
    pub(crate) fn blobs(&self, salt: u8, files: &mut BTreeMap<String, Vec<u8>>) -> Value {
        let mut put = |bytes: Vec<u8>| {
            let number = files.len() + 1;
            let digest = format!("{salt:02x}{number:062x}");
            files.insert(format!("blobs/sha256/{digest}"), bytes);
            format!("sha256:{digest}")
        };
        let layers: Vec<Value> = self
            .layers
            .iter()
            .map(|layer| {
                json!({"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
                       "digest": put(layer.clone()), "size": layer.len()})
            })
            .collect();
        let config = put(self.configuration.to_string().into_bytes());
        let manifest = json!({"schemaVersion": 2, "config": {"digest": config, "size": 1},
            "layers": layers});
        json!({"mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": put(manifest.to_string().into_bytes()), "size": 1,
            "annotations": {"org.opencontainers.image.ref.name": "example:1"}})
    }

    pub(crate) fn layout(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        let descriptor = self.blobs(0, &mut files);
        let index = json!({"schemaVersion": 2, "manifests": [descriptor]});
        files.insert("index.json".into(), index.to_string().into_bytes());
        files.insert(
            "oci-layout".into(),
            b"{\"imageLayoutVersion\":\"1.0.0\"}".to_vec(),
        );
        files
    }
}

pub(crate) fn configuration(architecture: &str) -> Value {
    json!({"os": "linux", "architecture": architecture, "config": {
        "Env": ["PATH=/usr/bin", "NVIDIA_VISIBLE_DEVICES=all"],
        "Labels": {"maintainer": "nobody"}, "Entrypoint": null, "Cmd": ["bash"], "User": "app"},
        "history": [{"created_by": "ADD rootfs"}, {"created_by": "ENV A=1", "empty_layer": true},
            {"created_by": "RUN pip install"}]})
}

/// A tar of files, in this order.
pub(crate) fn tar_of<'a>(files: impl Iterator<Item = (&'a String, &'a Vec<u8>)>) -> Vec<u8> {
    let layer = files.fold(Layer::new(), |layer, (path, bytes)| layer.file(path, bytes));
    layer.bytes()
}

pub(crate) fn wanted() -> Wanted {
    Wanted {
        name: None,
        platform: Platform {
            os: "linux".into(),
            architecture: "amd64".into(),
            variant: None,
        },
    }
}

/// Reads an archive that comes in small pieces, as from a pipe.
pub(crate) fn read(archive: &[u8]) -> Result<ImageFacts, ImageError> {
    struct Pipe<'a>(Cursor<&'a [u8]>);
    impl Read for Pipe<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let size = buffer.len().min(1000);
            self.0.read(&mut buffer[..size])
        }
    }
    let mut told = 0;
    let facts = read_archive(Pipe(Cursor::new(archive)), &wanted(), &mut |read| {
        told = read;
    });
    if facts.is_ok() {
        assert_eq!(told, archive.len() as u64, "everything is read, and told");
    }
    facts
}

/// Reads an OCI layout, file by file.
pub(crate) fn read_layout(files: &BTreeMap<String, Vec<u8>>) -> Result<ImageFacts, ImageError> {
    let mut open = |path: &str| {
        let file = files.get(path).cloned();
        Ok(file.map(|bytes| Box::new(Cursor::new(bytes)) as Box<dyn Read>))
    };
    read_directory(&mut open, &wanted(), &mut |_| ())
}
