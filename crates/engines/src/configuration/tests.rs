use super::*;

fn wish() -> Wish {
    Wish {
        name: "nvidia".to_owned(),
        path: "/usr/bin/nvidia-container-runtime".to_owned(),
        is_default: false,
        with_cdi: false,
    }
}

#[test]
fn an_edit_of_a_drop_in_is_kept_a_second_time_and_a_third_one() {
    let directory = tempfile::tempdir().unwrap();
    let drop_in = directory.path().join("99-nvidia.conf");
    let configuration = Configuration {
        main: directory.path().join("crio.conf"),
        drop_in: Some(drop_in.clone()),
        ..Configuration::usual(Engine::Crio)
    };
    let records = Records::open(&directory.path().join("state")).unwrap();
    let apply = |wish: &Wish| {
        let plan = configuration.add(wish, &records).unwrap();
        records.keep(&plan.record.unwrap()).unwrap();
        change::make(&plan.changes).unwrap();
    };
    apply(&wish());
    let text = std::fs::read_to_string(&drop_in).unwrap();
    let edit = "monitor_path = \"/usr/bin/conmon\"\n";
    std::fs::write(&drop_in, format!("{text}{edit}")).unwrap();
    let mut wish = wish();
    for is_default in [true, false] {
        wish.is_default = is_default;
        wish.path.push('x');
        apply(&wish);
        let text = std::fs::read_to_string(&drop_in).unwrap();
        assert!(text.contains(edit), "{text}");
        assert!(configuration.add(&wish, &records).unwrap().is_nothing());
    }
}

#[test]
fn a_second_time_keeps_what_the_drop_in_had_before_the_first() {
    let directory = tempfile::tempdir().unwrap();
    let drop_in = directory.path().join("conf.d/99-nvidia.toml");
    std::fs::create_dir(drop_in.parent().unwrap()).unwrap();
    let own =
        "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\nconfig_path = \"/certs\"\n";
    std::fs::write(&drop_in, own).unwrap();
    let configuration = Configuration {
        main: directory.path().join("config.toml"),
        drop_in: Some(drop_in.clone()),
        ..Configuration::usual(Engine::Containerd)
    };
    let records = Records::open(&directory.path().join("state")).unwrap();
    let mut wish = wish();
    for is_default in [false, true] {
        wish.is_default = is_default;
        let plan = configuration.add(&wish, &records).unwrap();
        records.keep(&plan.record.unwrap()).unwrap();
        change::make(&plan.changes).unwrap();
        let text = std::fs::read_to_string(&drop_in).unwrap();
        assert!(text.contains("config_path = \"/certs\""), "{text}");
        assert!(configuration.add(&wish, &records).unwrap().is_nothing());
    }
    let (changes, edited) = configuration.undo("nvidia", &records).unwrap();
    change::make(&changes).unwrap();
    assert_eq!(std::fs::read_to_string(&drop_in).unwrap(), own);
    assert!(edited.is_empty());
}

fn text_of(plan: &Plan, path: &Path) -> String {
    let change = plan.changes.iter().find(|change| change.path == path);
    change.and_then(|change| change.after.clone()).unwrap()
}

#[test]
fn imports_of_imports_are_read_and_the_drop_in_is_none_of_them() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    std::fs::create_dir(at("conf.d")).unwrap();
    let plugin = "[plugins.\"io.containerd.grpc.v1.cri\"]\nsandbox_image";
    let import = at("conf.d/*.toml").display().to_string();
    let main = format!("version = 2\nimports = [\"{import}\"]\n{plugin} = \"main\"\n");
    std::fs::write(at("config.toml"), &main).unwrap();
    let inner = at("inner.toml").display().to_string();
    let first = format!("version = 2\nimports = [\"{inner}\", \"{import}\"]\n");
    std::fs::write(at("conf.d/10-first.toml"), first).unwrap();
    std::fs::write(
        at("inner.toml"),
        format!("version = 2\n{plugin} = \"inner\"\n"),
    )
    .unwrap();
    let drop_in = at("conf.d/99-nvidia.toml");
    std::fs::write(&drop_in, format!("version = 2\n{plugin} = \"old\"\n")).unwrap();
    let configuration = Configuration {
        main: at("config.toml"),
        drop_in: Some(drop_in.clone()),
        ..Configuration::usual(Engine::Containerd)
    };
    let plan = configuration
        .add(&wish(), &Records::look(&at("state")))
        .unwrap();
    let text = text_of(&plan, &drop_in);
    assert!(text.contains("sandbox_image = \"inner\""), "{text}");
    assert_eq!(text_of(&plan, &at("config.toml")), main);
}

#[test]
fn crio_is_read_as_it_reads_itself_and_the_drop_in_is_no_model() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    std::fs::create_dir(at("crio.conf.d")).unwrap();
    let runtime = |name: &str, root: &str| {
        format!("[crio.runtime.runtimes.{name}]\nruntime_root = \"{root}\"\n")
    };
    std::fs::write(at("crio.conf"), runtime("runc", "/run/main")).unwrap();
    std::fs::write(at("crio.conf.d/10"), runtime("runc", "/run/later")).unwrap();
    let drop_in = at("crio.conf.d/99-nvidia.toml");
    std::fs::write(&drop_in, runtime("crun", "/run/own")).unwrap();
    let configuration = Configuration {
        main: at("crio.conf"),
        drop_in: Some(drop_in.clone()),
        ..Configuration::usual(Engine::Crio)
    };
    let plan = configuration
        .add(&wish(), &Records::look(&at("state")))
        .unwrap();
    let text = text_of(&plan, &drop_in);
    let added = "[crio.runtime.runtimes.nvidia]\nruntime_root = \"/run/later\"\n";
    assert!(text.contains(added), "{text}");
}

#[test]
fn a_hook_for_podman_comes_and_goes_with_the_drop_in() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let configuration = Configuration {
        drop_in: Some(at("containers.conf.d/99-nvidia.conf")),
        hook: Some(Hook {
            file: at("hooks.d/oci-nvidia-hook.json"),
            program: "/usr/bin/nvidia-container-runtime-hook".into(),
        }),
        ..Configuration::usual(Engine::Podman)
    };
    let records = Records::open(&at("state")).unwrap();
    let plan = configuration.add(&wish(), &records).unwrap();
    records.keep(&plan.record.unwrap()).unwrap();
    change::make(&plan.changes).unwrap();
    let hook = std::fs::read_to_string(at("hooks.d/oci-nvidia-hook.json")).unwrap();
    assert!(hook.contains("/usr/bin/nvidia-container-runtime-hook"));
    assert!(configuration.add(&wish(), &records).unwrap().is_nothing());
    // Edited since, it is a hook of ours all the same.
    std::fs::write(
        at("hooks.d/oci-nvidia-hook.json"),
        hook.replace("prestart", "createRuntime"),
    )
    .unwrap();
    let record = configuration.record(&records).unwrap().unwrap();
    let (changes, edited) = configuration.undo("nvidia", &records).unwrap();
    assert_eq!(edited.len(), 1);
    change::make(&changes).unwrap();
    record.clean().unwrap();
    assert!(!at("hooks.d").exists() && !at("containers.conf.d").exists());
}
