//! CRI-O and Podman, of which only a drop-in is written.

use liftgate_engines::{Wish, crio, podman};
use std::path::Path;

fn wish() -> Wish {
    Wish {
        name: "nvidia".into(),
        path: "/usr/bin/nvidia-container-runtime".into(),
        is_default: false,
        with_cdi: false,
    }
}

fn crio_files(read: &[&str], drop_in: Option<&str>) -> crio::Files {
    let named =
        |(at, text): (usize, &&str)| (format!("/etc/crio/{at}.conf").into(), (*text).to_owned());
    crio::Files {
        read: read.iter().enumerate().map(named).collect(),
        drop_in: "/etc/crio/crio.conf.d/99-nvidia.toml".into(),
        drop_in_text: drop_in.map(str::to_owned),
    }
}

fn added(files: &crio::Files, wish: &Wish) -> String {
    let edited = crio::add(files, wish).expect("an edit");
    let text = edited.files[0].text.clone();
    let mut after = files.clone();
    after.drop_in_text = Some(text.clone());
    assert_eq!(
        crio::add(&after, wish).expect("an edit").files[0].text,
        text
    );
    text
}

#[test]
fn crio_from_nothing() {
    assert_eq!(
        added(&crio_files(&[], None), &wish()),
        "[crio.runtime.runtimes.nvidia]\nruntime_path = \"/usr/bin/nvidia-container-runtime\"\nruntime_type = \"oci\"\n"
    );
}

#[test]
fn crio_is_like_the_runtime_that_is_used() {
    let crun = "[crio.runtime]\ndefault_runtime = \"crun\"\n[crio.runtime.runtimes.crun] # theirs\nruntime_root = \"/run/crun\"\nmonitor_path = \"/usr/libexec/crio/conmon\"\nruntime_path = \"/usr/bin/crun\"\n";
    let wish = Wish {
        is_default: true,
        ..wish()
    };
    assert_eq!(
        added(&crio_files(&["", crun], None), &wish),
        r#"[crio.runtime]
default_runtime = "nvidia"

[crio.runtime.runtimes.nvidia] # theirs
runtime_root = "/run/crun"
monitor_path = "/usr/libexec/crio/conmon"
runtime_path = "/usr/bin/nvidia-container-runtime"
runtime_type = "oci"
"#
    );
    // A virtual machine's is no model.
    let kata = "[crio.runtime]\ndefault_runtime = \"kata\"\n[crio.runtime.runtimes.kata]\nruntime_type = \"vm\"\nruntime_root = \"/run/vc\"\n";
    assert!(!added(&crio_files(&[kata], None), &wish).contains("/run/vc"));
}

#[test]
fn crio_keeps_what_is_in_the_drop_in() {
    let theirs = "# theirs\n[crio.runtime.runtimes.mine]\nruntime_path = \"/mine\"\n";
    let text = added(&crio_files(&[], Some(theirs)), &wish());
    assert!(text.starts_with(theirs), "{text}");
    let mut files = crio_files(&[], Some(&text));
    files.drop_in_text = Some(text);
    assert_eq!(
        crio::remove(&files, "nvidia").unwrap().files[0].text,
        theirs
    );
    assert!(crio::remove(&files, "other").unwrap().files.is_empty());
}

#[test]
fn crio_says_which_program_a_runtime_is() {
    let text = added(&crio_files(&[], None), &wish());
    assert_eq!(crio::program_of(&text, "nvidia"), Some(wish().path));
    assert_eq!(crio::program_of(&text, "runc"), None);
    assert_eq!(
        crio::program_of("# /usr/bin/nvidia-container-runtime\n", "nvidia"),
        None
    );
}

#[test]
fn crio_refuses_with_the_file() {
    let refused =
        crio::add(&crio_files(&["", "[crio]\nruntime = 1\n"], None), &wish()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`/etc/crio/1.conf`: line 2, column 11: `crio.runtime` is not a table"
    );
}

#[test]
fn podman_from_nothing_and_among_others() {
    let files = |text: Option<&str>| podman::Files {
        drop_in: "/etc/containers/containers.conf.d/99-nvidia.conf".into(),
        drop_in_text: text.map(str::to_owned),
    };
    let text = |files: &podman::Files| podman::add(files, &wish()).unwrap().files[0].text.clone();
    let new = "[engine.runtimes]\nnvidia = [\"/usr/bin/nvidia-container-runtime\"]\n";
    assert_eq!(text(&files(None)), new);
    let theirs =
        "[engine]\nruntime = \"crun\" # fast\n[engine.runtimes]\ncrun = [\"/usr/bin/crun\"]\n";
    let both = text(&files(Some(theirs)));
    assert_eq!(
        both,
        format!("{theirs}nvidia = [\"/usr/bin/nvidia-container-runtime\"]\n")
    );
    assert_eq!(text(&files(Some(&both))), both);
    let removed = podman::remove(&files(Some(&both)), "nvidia").unwrap();
    assert_eq!(removed.files[0].text, theirs);
    let default = Wish {
        is_default: true,
        ..wish()
    };
    let edited = podman::add(&files(Some(theirs)), &default).unwrap();
    assert!(
        edited.files[0]
            .text
            .contains("runtime = \"nvidia\" # fast\n")
    );
}

#[test]
fn a_hook_finds_the_programs_of_its_own_directory() {
    let file = podman::hook_file(Path::new("/opt/liftgate/nvidia-container-runtime-hook"));
    let file: serde_json::Value = serde_json::from_str(&file).unwrap();
    assert_eq!(file["version"], "1.0.0");
    assert_eq!(file["hook"]["args"][0], "nvidia-container-runtime-hook");
    let path = file["hook"]["env"][0].as_str().unwrap();
    assert!(path.ends_with(":/bin:/opt/liftgate"), "{path}");
}

#[test]
fn lines_end_as_they_did() {
    let files = podman::Files {
        drop_in: "/d".into(),
        drop_in_text: Some("[engine]\r\n# theirs\r\nruntime = \"crun\"\r\n".into()),
    };
    let edited = podman::add(&files, &wish()).unwrap();
    let text = &edited.files[0].text;
    assert!(
        text.starts_with("[engine]\r\n# theirs\r\nruntime = \"crun\"\r\n"),
        "{text:?}"
    );
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
}
