//! One image in every layout, and layouts of several images.

use crate::support::{
    Image, Layer, Packing, configuration, cuda_library, read, read_layout, tar_of, wanted,
};
use liftgate_image::facts::{Family, ImageFacts, Layout};
use liftgate_image::{ImageError, read_archive};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn image() -> Image {
    let runtime = cuda_library("libcudart.so.12", &["libc.so.6"], &[]);
    let cublas = cuda_library(
        "libcublas.so.12",
        &["libcudart.so.12", "libc.so.6"],
        &["sm_80", "sm_90a", "compute_90"],
    );
    Image::of(vec![
        Layer::new()
            .directory("usr/")
            .file("usr/lib/libcudart.so.12.1.105", &runtime)
            .link("usr/lib/libcudart.so.12", "libcudart.so.12.1.105"),
        Layer::new().file("./usr/lib/libcublas.so.12", &cublas),
    ])
}

/// What the image comes to, however it is stored.
fn check(facts: &ImageFacts, layout: Layout, words: &str) {
    assert_eq!(facts.layout, layout, "{words}");
    assert_eq!(facts.name.as_deref(), Some("example:1"), "{words}");
    assert_eq!(facts.platform.architecture, "amd64", "{words}");
    assert_eq!(facts.variable("NVIDIA_VISIBLE_DEVICES"), Some("all"));
    assert_eq!(facts.configuration.labels["maintainer"], "nobody");
    assert_eq!(facts.configuration.command, ["bash"]);
    assert_eq!(facts.configuration.user, "app");
    let made: Vec<_> = facts
        .layers
        .iter()
        .map(|layer| layer.created_by.as_deref())
        .collect();
    assert_eq!(
        made,
        [Some("ADD rootfs"), Some("RUN pip install")],
        "{words}"
    );
    assert!(facts.gaps.is_empty(), "{words}: {:?}", facts.gaps);

    let [cublas, runtime] = facts.libraries.as_slice() else {
        panic!("{words}: {:?}", facts.libraries);
    };
    assert_eq!(cublas.path, "/usr/lib/libcublas.so.12", "{words}");
    assert_eq!(cublas.layer, 1);
    assert_eq!(cublas.family, Some(Family::Cublas));
    let elf = cublas.elf.as_ref().expect("ELF");
    let code: Vec<String> = elf.code.sections.keys().map(ToString::to_string).collect();
    assert_eq!(code, ["sm_80", "sm_90a", "compute_90"], "{words}");
    let linking = elf.linking.as_ref().expect("linking");
    assert_eq!(linking.soname.as_deref(), Some("libcublas.so.12"));
    assert_eq!(linking.needed, ["libcudart.so.12", "libc.so.6"]);
    assert_eq!(linking.needs_glibc.expect("a version").to_string(), "2.17");
    assert_eq!(runtime.path, "/usr/lib/libcudart.so.12.1.105", "{words}");
    assert_eq!(runtime.links, ["/usr/lib/libcudart.so.12"], "{words}");
    assert_eq!(runtime.version.as_deref(), Some("12.1.105"), "{words}");
    assert_eq!(
        facts.find("libcudart.so.12", cublas).as_deref(),
        Some("/usr/lib")
    );
    assert_eq!(facts.missing(cublas), ["libc.so.6"], "{words}");
}

#[test]
fn the_image_is_the_same_in_every_layout() {
    for packing in [Packing::Plain, Packing::Gzip, Packing::Zstd] {
        let words = format!("{packing:?}");
        let image = image().packed(packing);
        check(
            &read(&image.saved()).unwrap(),
            Layout::DockerArchive,
            &words,
        );
        let files = image.layout();
        check(&read_layout(&files).unwrap(), Layout::OciDirectory, &words);
        // Sorted, so that layers come before what names them; and the other way round.
        check(
            &read(&tar_of(files.iter())).unwrap(),
            Layout::OciArchive,
            &words,
        );
        let backwards = tar_of(files.iter().rev());
        check(&read(&backwards).unwrap(), Layout::OciArchive, &words);
        // The archive itself may be packed.
        let packed = crate::support::pack(&image.saved(), packing);
        check(&read(&packed).unwrap(), Layout::DockerArchive, &words);
    }
}

/// Docker wrote a layer that two images share as a link to the other image's.
/// `docker import` writes an empty one.
#[test]
fn a_step_that_says_nothing_is_none() {
    let mut image = image();
    image.configuration["history"][0]["created_by"] = json!("");
    let facts = read(&image.saved()).unwrap();
    let made = facts.layers.iter().map(|layer| layer.created_by.as_deref());
    assert_eq!(made.collect::<Vec<_>>(), [None, Some("RUN pip install")]);
}

#[test]
fn a_layer_may_be_a_link_to_another() {
    let image = image();
    let manifest = json!([{"Config": "c.json", "RepoTags": null,
        "Layers": ["a/layer.tar", "b/layer.tar"]}]);
    let archive = Layer::new()
        .file("x/layer.tar", &image.layers[0])
        .link("a/layer.tar", "../x/layer.tar")
        .file("b/layer.tar", &image.layers[1])
        .file("c.json", image.configuration.to_string().as_bytes())
        .file("manifest.json", manifest.to_string().as_bytes())
        .bytes();
    let facts = read(&archive).unwrap();
    assert_eq!(facts.libraries.len(), 2);
    assert_eq!(facts.name, None);
}

fn with_architecture(architecture: &str, code: &str) -> Image {
    let library = cuda_library("libcublas.so.12", &[], &[code]);
    let mut image = Image::of(vec![Layer::new().file("usr/lib/libcublas.so.12", &library)]);
    image.configuration = configuration(architecture);
    image
}

/// An index of two platforms and what `BuildKit` puts beside them.
fn two_platforms() -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut manifests: Vec<Value> = Vec::new();
    for (salt, architecture, code) in [(1, "arm64", "sm_87"), (2, "amd64", "sm_90")] {
        let image = with_architecture(architecture, code);
        let mut descriptor = image.blobs(salt, &mut files);
        descriptor["platform"] = json!({"os": "linux", "architecture": architecture});
        manifests.push(descriptor);
    }
    let mut attestation = with_architecture("amd64", "sm_50");
    attestation.configuration = json!({});
    attestation.layers = vec![b"{\"_type\": \"https://in-toto.io/Statement/v0.1\"}".to_vec()];
    let mut descriptor = attestation.blobs(3, &mut files);
    descriptor["platform"] = json!({"os": "unknown", "architecture": "unknown"});
    manifests.insert(0, descriptor);
    let inner = json!({"schemaVersion": 2, "manifests": manifests}).to_string();
    let digest = "f".repeat(64);
    files.insert(format!("blobs/sha256/{digest}"), inner.into_bytes());
    let index = json!({"manifests": [{"digest": format!("sha256:{digest}"),
        "annotations": {"io.containerd.image.name": "docker.io/library/example:1"}}]});
    files.insert("index.json".into(), index.to_string().into_bytes());
    files
}

#[test]
fn of_several_platforms_the_one_asked_for_is_taken() {
    let files = two_platforms();
    for (architecture, code, other) in [("amd64", "sm_90", "arm64"), ("arm64", "sm_87", "amd64")] {
        let mut wanted = wanted();
        wanted.platform.architecture = architecture.to_owned();
        let archive = tar_of(files.iter());
        let facts = read_archive(archive.as_slice(), &wanted, &mut |_| ()).unwrap();
        assert_eq!(facts.platform.architecture, architecture);
        let others = facts.other_platforms.iter();
        let others: Vec<&str> = others.map(|other| other.architecture.as_str()).collect();
        assert_eq!(others, [other]);
        let found = facts.libraries[0].elf.as_ref().unwrap().code.all();
        let found: Vec<String> = found.keys().map(ToString::to_string).collect();
        assert_eq!(found, [code]);
    }
    // An archive of one platform, with the index of all.
    let mut one = files.clone();
    one.retain(|path, _| !path.starts_with("blobs/sha256/02"));
    let facts = read(&tar_of(one.iter())).unwrap();
    assert_eq!(
        facts.platform.architecture, "arm64",
        "the one that there is"
    );
    assert!(facts.other_platforms.is_empty());
}

#[test]
fn of_several_images_the_one_asked_for_is_taken() {
    let mut tar = Layer::new();
    let mut manifest = Vec::new();
    for (name, code) in [("one:1", "sm_80"), ("two:latest", "sm_90")] {
        let image = with_architecture("amd64", code);
        let (config, layer) = (format!("{code}.json"), format!("{code}/layer.tar"));
        tar = tar
            .file(&layer, &image.layers[0])
            .file(&config, image.configuration.to_string().as_bytes());
        manifest.push(json!({"Config": config, "RepoTags": [name], "Layers": [layer]}));
    }
    let archive = tar
        .file("manifest.json", json!(manifest).to_string().as_bytes())
        .bytes();
    for (name, code) in [
        (None, "sm_80"),
        (Some("two"), "sm_90"),
        (Some("one:1"), "sm_80"),
    ] {
        let mut wanted = wanted();
        wanted.name = name.map(str::to_owned);
        let facts = read_archive(archive.as_slice(), &wanted, &mut |_| ()).unwrap();
        let found = facts.libraries[0].elf.as_ref().unwrap().code.all();
        let found: Vec<String> = found.keys().map(ToString::to_string).collect();
        assert_eq!(found, [code], "{name:?}");
    }
}

#[test]
fn what_is_no_image_is_said_to_be_none() {
    let tar = Layer::new().file("etc/passwd", b"root").bytes();
    assert!(matches!(read(&tar), Err(ImageError::NotAnImage)));
    assert!(matches!(read(b""), Err(ImageError::NotAnImage)));
    assert!(matches!(
        read(&[7; 5000]),
        Err(ImageError::Malformed { .. })
    ));
    assert!(matches!(
        read_layout(&BTreeMap::new()),
        Err(ImageError::NotAnImage)
    ));
    let mut files = image().layout();
    let layer = files.keys().next().unwrap().clone();
    files.remove(&layer);
    for result in [read_layout(&files), read(&tar_of(files.iter()))] {
        assert!(matches!(result, Err(ImageError::Lacks(_))));
    }
    let index = json!({"manifests": [{"digest": "sha256:../../etc/passwd"}]});
    let files = BTreeMap::from([("index.json".to_owned(), index.to_string().into_bytes())]);
    assert!(matches!(
        read_layout(&files),
        Err(ImageError::Malformed { .. })
    ));
}
