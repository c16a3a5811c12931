//! Machines as files: what the loader, `ldconfig` and `readelf` think of them.

use crate::harness::{have, text};
use liftgate_testhost::{Class, Machine, shared_object_needing};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn materialised() -> Vec<(Machine, tempfile::TempDir)> {
    let machines = Machine::all().expect("made");
    machines
        .into_iter()
        .map(|machine| {
            let scratch = tempfile::tempdir().expect("made");
            machine
                .materialise(&scratch.path().join("tree"))
                .expect("made");
            (machine, scratch)
        })
        .collect()
}

fn root(scratch: &tempfile::TempDir) -> PathBuf {
    scratch.path().join("tree/root")
}

fn below(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/'))
}

#[test]
fn readelf_reads_every_soname() {
    if !have("readelf") {
        return;
    }
    for (machine, scratch) in materialised() {
        for library in machine.libraries() {
            let path = below(
                &root(&scratch),
                &format!("{}/{}", library.directory, library.file),
            );
            let said = text(Command::new("readelf").arg("-hdW").arg(&path));
            let class = match library.class {
                Class::Elf64 => "ELF64",
                Class::Elf32 => "ELF32",
            };
            assert!(said.contains(class), "{}", path.display());
            assert!(
                said.contains(&format!("Library soname: [{}]", library.soname)),
                "{}: {said}",
                path.display()
            );
            assert!(!said.contains("Warning"), "{}: {said}", path.display());
        }
    }
}

#[test]
fn every_link_leads_to_a_file_of_the_tree() {
    for (machine, scratch) in materialised() {
        let root = root(&scratch);
        for library in machine.libraries() {
            let directory = below(&root, &library.directory);
            for (name, _) in &library.links {
                let file = std::fs::canonicalize(directory.join(name)).unwrap();
                assert_eq!(file.file_name().unwrap(), &*library.file);
            }
        }
    }
}

#[test]
fn the_loader_takes_every_library() {
    let scratch = tempfile::tempdir().unwrap();
    let source = scratch.path().join("load.c");
    let program = scratch.path().join("load");
    std::fs::write(
        &source,
        "#include <dlfcn.h>\n#include <stdio.h>\nint main(int c, char **v) {\n\
         for (int i = 1; i < c; i++) if (!dlopen(v[i], RTLD_NOW)) { puts(dlerror()); return 1; }\n\
         return 0; }\n",
    )
    .unwrap();
    text(
        Command::new("cc")
            .arg(&source)
            .arg("-o")
            .arg(&program)
            .arg("-ldl"),
    );
    for (machine, scratch) in materialised() {
        let root = root(&scratch);
        let wanted = |directory: &str| !directory.ends_with("/glibc");
        let libraries: Vec<_> = machine
            .libraries()
            .iter()
            .filter(|library| library.class == Class::Elf64 && wanted(&library.directory))
            .collect();
        let directories: BTreeSet<PathBuf> = libraries
            .iter()
            .map(|library| below(&root, &library.directory))
            .collect();
        let search = std::env::join_paths(directories).unwrap();
        let paths = libraries
            .iter()
            .map(|library| below(&root, &format!("{}/{}", library.directory, library.file)));
        text(
            Command::new(&program)
                .args(paths)
                .env("LD_LIBRARY_PATH", search),
        );
    }
}

/// Images are older than build machines: a symbol of a newer C library would keep a stand-in from starting.
#[test]
fn the_stand_ins_need_nothing_of_a_newer_c_library() {
    if !have("readelf") {
        return;
    }
    let machine = Machine::by_name("ubuntu-550").unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let tree = machine.materialise(&scratch.path().join("tree")).unwrap();
    for path in [
        "usr/bin/nvidia-smi",
        "usr/bin/nvidia-debugdump",
        "usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1",
        "usr/lib/x86_64-linux-gnu/libcuda.so.1",
    ] {
        let said = text(
            Command::new("readelf")
                .arg("-VW")
                .arg(tree.root().join(path)),
        );
        let versions: BTreeSet<&str> = said
            .split_whitespace()
            .filter(|word| word.starts_with("GLIBC_"))
            .collect();
        assert_eq!(versions, BTreeSet::from(["GLIBC_2.2.5"]), "{path}");
    }
}

#[test]
fn ldconfig_lists_both_classes() {
    if !have("/sbin/ldconfig") {
        return;
    }
    for (machine, scratch) in materialised() {
        let configuration = scratch.path().join("ld.so.conf");
        let directories: BTreeSet<&str> = machine
            .libraries()
            .iter()
            .map(|library| library.directory.as_str())
            .collect();
        let lines: Vec<String> = directories
            .iter()
            .map(|directory| format!("{}\n", below(&root(&scratch), directory).display()))
            .collect();
        std::fs::write(&configuration, lines.concat()).unwrap();
        let said = text(
            Command::new("/sbin/ldconfig")
                .args(["-v", "-N", "-X", "-f"])
                .arg(&configuration),
        );
        for library in machine.libraries() {
            // It does not look at names that do not begin with `lib`, and lists one file for a SONAME.
            if library.file.starts_with("lib") && !library.links.is_empty() {
                let line = format!("\t{} -> {}", library.soname, library.file);
                let alone = library.soname == library.file;
                assert!(alone || said.contains(&line), "{line}\n{said}");
            }
        }
    }
}

#[test]
fn a_tree_is_made_once() {
    let scratch = tempfile::tempdir().unwrap();
    let place = scratch.path().join("tree");
    let machine = Machine::by_name("h200-580").unwrap();
    machine.materialise(&place).unwrap();
    let mark = place.join("root/mark");
    std::fs::write(&mark, "").unwrap();

    machine.materialise(&place).unwrap();
    assert!(mark.exists(), "the same machine: reused");
    let other = Machine::by_name("dgx-h100-8").unwrap();
    other.materialise(&place).unwrap();
    assert!(!mark.exists(), "another machine: replaced");
    let left: Vec<_> = std::fs::read_dir(scratch.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing half-made is left: {left:?}");
}

#[test]
fn many_may_make_the_same_machine_at_once() {
    let scratch = tempfile::tempdir().unwrap();
    let place = scratch.path().join("tree");
    let machine = Machine::by_name("h200-580").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let tree = machine.materialise(&place).expect("made");
                assert!(tree.root().join("usr/local/nvidia/lib").exists());
            });
        }
    });
}

#[test]
fn a_directory_that_is_no_machine_is_not_replaced() {
    let scratch = tempfile::tempdir().unwrap();
    let diary = scratch.path().join("diary");
    std::fs::write(&diary, "").unwrap();
    let machine = Machine::by_name("h200-580").unwrap();
    let error = machine.materialise(scratch.path()).unwrap_err().to_string();
    assert!(error.contains("holds no simulated machine"), "{error}");
    assert!(diary.exists());
}

#[test]
fn the_older_library_lies_there_without_a_link() {
    let machine = Machine::by_name("ubuntu-550").unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let tree = machine.materialise(&scratch.path().join("tree")).unwrap();
    let directory = tree.root().join("usr/lib/x86_64-linux-gnu");
    assert!(directory.join("libcuda.so.535.104.05").is_file());
    let link = std::fs::read_link(directory.join("libcuda.so.1")).unwrap();
    assert_eq!(link, Path::new("libcuda.so.550.54.15"));
}

/// The loader itself judges what a stub needs.
#[test]
fn the_loader_refuses_a_stub_that_needs_a_newer_glibc() {
    let place = tempfile::tempdir().unwrap();
    let stub = place.path().join("libx.so.1");
    let said = |glibc: &str| {
        let needed = ["libc.so.6".to_owned()];
        let bytes = shared_object_needing(Class::Elf64, "libx.so.1", &needed, glibc);
        std::fs::write(&stub, bytes).unwrap();
        let output = Command::new("/bin/true")
            .env("LD_PRELOAD", &stub)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert_eq!(said("2.2.5"), "");
    let refused = said("2.99");
    assert!(
        refused.contains("version `GLIBC_2.99' not found"),
        "{refused}"
    );
}
