//! Feeds text as an engine's configuration: an edit that is made is made once, keeps what else there is, and can be taken back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liftgate_engines::{Edited, RefusedFile, Wish, containerd, crio, docker, podman};
use serde_json::Value;

const NAME: &str = "nvidia";

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, bytes)) = bytes.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let wish = Wish {
        name: NAME.to_owned(),
        path: "/usr/bin/nvidia-container-runtime".to_owned(),
        is_default: choice & 8 != 0,
        with_cdi: choice & 16 != 0,
    };
    match choice % 8 {
        0..=2 => docker_json(text, &wish),
        3 | 4 => containerd_toml(text, &wish, choice & 32 != 0),
        5 => drop_in(text, &wish, |text, wish| {
            let files = crio::Files {
                read: vec![("/c".into(), text.to_owned())],
                drop_in: "/d".into(),
                drop_in_text: Some(text.to_owned()),
            };
            wish.map_or_else(|| crio::remove(&files, NAME), |wish| crio::add(&files, wish))
        }),
        _ => drop_in(text, &wish, |text, wish| {
            let files = podman::Files {
                drop_in: "/d".into(),
                drop_in_text: Some(text.to_owned()),
            };
            wish.map_or_else(|| podman::remove(&files, NAME), |wish| podman::add(&files, wish))
        }),
    }
});

fn docker_json(text: &str, wish: &Wish) {
    let Ok((new, _)) = docker::add(text, wish) else {
        return;
    };
    let (again, _) = docker::add(&new, wish).expect("what was written can be read");
    assert_eq!(again, new, "a second time changes nothing");
    let back = docker::remove(&new, NAME).expect("what was written can be read");
    assert_eq!(docker::remove(&back, NAME).as_ref(), Ok(&back));
    let value = |text: &str| serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}'));
    // serde_json has no comments, and numbers within bounds.
    let (Ok(Value::Object(mut old)), Ok(Value::Object(mut new))) = (value(text), value(&back)) else {
        return;
    };
    for key in ["runtimes", "default-runtime", "features"] {
        old.remove(key);
        new.remove(key);
    }
    assert_eq!(old, new, "other keys are other people's");
}

fn containerd_toml(text: &str, wish: &Wish, merges: bool) {
    let mut files = containerd::Files {
        main: "/etc/containerd/config.toml".into(),
        main_text: Some(text.to_owned()),
        drop_in: "/etc/containerd/conf.d/99-nvidia.toml".into(),
        release: containerd::Release::parse(if merges { "2.1.0" } else { "1.7.0" }),
        ..containerd::Files::default()
    };
    let Ok(edited) = containerd::add(&files, wish) else {
        return;
    };
    for file in &edited.files {
        if file.path == files.main {
            files.main_text = Some(file.text.clone());
        } else {
            files.drop_in_text = Some(file.text.clone());
        }
    }
    let again = containerd::add(&files, wish).expect("what was written can be read");
    assert_eq!(again, edited, "a second time changes nothing");
    containerd::remove(&files, NAME).expect("what was written can be read");
}

fn drop_in(text: &str, wish: &Wish, edit: impl Fn(&str, Option<&Wish>) -> Result<Edited, RefusedFile>) {
    let Ok(edited) = edit(text, Some(wish)) else {
        return;
    };
    let new = &edited.files[0].text;
    let again = edit(new, Some(wish)).expect("what was written can be read");
    assert_eq!(&again.files[0].text, new, "a second time changes nothing");
    edit(new, None).expect("what was written can be read");
}
