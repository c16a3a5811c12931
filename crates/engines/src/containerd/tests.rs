use super::*;

const V2: &str = r#"# top
version = 2
imports = ["/etc/containerd/foo/*.toml"] # mine
[plugins]
  # the cri
  [plugins."io.containerd.grpc.v1.cri"]
    sandbox_image = "registry/pause:3.9" # keep
    [plugins."io.containerd.grpc.v1.cri".containerd]
      default_runtime_name = "runc"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
        runtime_type = "io.containerd.runc.v2"
        [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
          BinaryName = "/usr/local/bin/runc"
          SystemdCgroup = true
  [plugins."io.containerd.internal.v1.opt"]
    path = "/opt/containerd"
"#;

fn wish() -> Wish {
    Wish {
        name: "nvidia".into(),
        path: "/usr/bin/nvidia-container-runtime".into(),
        is_default: false,
        with_cdi: false,
    }
}

fn files(main: Option<&str>, release: &str) -> Files {
    Files {
        main: "/etc/containerd/config.toml".into(),
        main_text: main.map(str::to_owned),
        drop_in: "/etc/containerd/conf.d/99-nvidia.toml".into(),
        release: Release::parse(release),
        ..Files::default()
    }
}

/// The texts of the drop-in and of the main file; a second time changes neither.
fn added(files: &Files, wish: &Wish) -> (Option<String>, Option<String>) {
    let edited = add(files, wish).unwrap();
    let text = |path: &Path| {
        let mut found = edited.files.iter().filter(|file| file.path == path);
        found.next().map(|file| file.text.clone())
    };
    let (drop_in, main) = (text(&files.drop_in), text(&files.main));
    let mut after = files.clone();
    after.drop_in_text.clone_from(&drop_in);
    after.main_text = main.clone().or(after.main_text);
    assert_eq!(add(&after, wish).unwrap().files, edited.files);
    (drop_in, main)
}

#[test]
fn releases() {
    let release = |major, minor| Some(Release { major, minor });
    assert_eq!(Release::parse("1.6.20~ds1"), release(1, 6));
    assert_eq!(Release::parse("v2.1.4"), release(2, 1));
    assert_eq!(Release::parse("2"), None);
}

#[test]
fn the_table_is_repeated_where_tables_are_not_merged() {
    let wish = Wish {
        with_cdi: true,
        is_default: true,
        ..wish()
    };
    let (drop_in, main) = added(&files(Some(V2), "1.6.20"), &wish);
    assert_eq!(
        drop_in.unwrap(),
        r#"version = 2

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "registry/pause:3.9" # keep
enable_cdi = true

[plugins."io.containerd.grpc.v1.cri".containerd]
default_runtime_name = "nvidia"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
BinaryName = "/usr/local/bin/runc"
SystemdCgroup = true

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia.options]
BinaryName = "/usr/bin/nvidia-container-runtime"
SystemdCgroup = true
"#
    );
    let import = r#""/etc/containerd/foo/*.toml""#;
    assert_eq!(
        main.unwrap(),
        V2.replace(
            import,
            &format!(r#"{import}, "/etc/containerd/conf.d/*.toml""#)
        )
    );
}

#[test]
fn the_runtime_alone_where_they_are() {
    let (drop_in, main) = added(&files(Some(V2), "2.1.4"), &wish());
    assert_eq!(
        drop_in.unwrap(),
        r#"version = 2

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia.options]
BinaryName = "/usr/bin/nvidia-container-runtime"
SystemdCgroup = true
"#
    );
    assert!(main.unwrap().contains("conf.d"));
}

#[test]
fn without_a_main_file() {
    for (release, version, has_main) in [
        ("?", "version = 2\n", true),
        ("1.7.1", "version = 2\n", true),
        ("2.0.0", "version = 3\n", true),
        // conf.d is imported by default.
        ("2.2.0", "version = 3\n", false),
    ] {
        let (drop_in, main) = added(&files(None, release), &wish());
        let drop_in = drop_in.unwrap();
        assert!(drop_in.starts_with(version), "{release}");
        // Without a file that tells of it, containerd 1 loses its own.
        assert_eq!(
            drop_in.contains("runtimes.runc]"),
            version == "version = 2\n",
            "{release}"
        );
        let imports = format!("{version}imports = [\"/etc/containerd/conf.d/*.toml\"]\n");
        assert_eq!(main, has_main.then_some(imports), "{release}");
    }
    let (_, main) = added(&files(Some("# nothing yet\n"), "1.7"), &wish());
    let main = main.unwrap();
    assert!(
        main.contains("# nothing yet") && main.contains("version = 2"),
        "{main}"
    );
}

#[test]
fn the_runtime_that_containerd_1_has_of_itself_stays() {
    let built_in = "containerd.runtimes.runc]";
    let bare = "version = 2\n";
    for (main, release, is_written) in [
        (None, "1.6.20", true),
        (Some(bare), "1.7.1", true),
        (Some(bare), "?", true),
        (Some(bare), "2.1.4", false),
        (None, "2.1.4", false),
    ] {
        let (drop_in, _) = added(&files(main, release), &wish());
        let drop_in = drop_in.unwrap();
        assert_eq!(drop_in.contains(built_in), is_written, "{release}");
    }
    for (main, is_written) in [(None, true), (Some(V2), false)] {
        let mut files = files(main, "1.6.20");
        files.drop_in = PathBuf::new();
        let text = &add(&files, &wish()).unwrap().files[0].text;
        let count = text.matches(built_in).count();
        // The one of V2 is there once, as it was.
        assert_eq!(count, 1, "{text}");
        assert_eq!(text.contains("runtime_root"), is_written, "{text}");
    }
}

#[test]
fn an_import_that_is_there_is_not_added() {
    for (import, release) in [
        ("/etc/containerd/conf.d/*.toml", "1.7"),
        ("/etc/containerd/conf.d/99-nvidia.toml", "1.7"),
        ("conf.d/*.toml", "2.1"),
        ("conf.d/*-nv*.toml", "2.1"),
    ] {
        let text = format!("version = 2\nimports = ['{import}']\n");
        let (_, main) = added(&files(Some(&text), release), &wish());
        assert_eq!(main.unwrap(), text, "{import}");
    }
    // containerd 1 does not look beside the file for a relative path.
    let text = "version = 2\nimports = ['conf.d/*.toml']\n";
    let (_, main) = added(&files(Some(text), "1.7"), &wish());
    assert!(main.unwrap().contains("\"/etc/containerd/conf.d/*.toml\""));
    let text = "version = 2\nimports = [\n  # ours\n  'a.toml',\n]\n";
    let (_, main) = added(&files(Some(text), "1.7"), &wish());
    assert_eq!(
        main.unwrap(),
        "version = 2\nimports = [\n  # ours\n  'a.toml',\n  \"/etc/containerd/conf.d/*.toml\",\n]\n"
    );
}

#[test]
fn the_last_import_with_the_table_counts() {
    let import = |text: &str| {
        let plugin = r#"[plugins."io.containerd.grpc.v1.cri"]"#;
        format!("version = 2\n{plugin}\nsandbox_image = \"{text}\"\n")
    };
    let mut files = files(Some(V2), "1.6.20");
    files.imported = vec![
        ("/etc/containerd/foo/1.toml".into(), import("one")),
        ("/etc/containerd/foo/2.toml".into(), import("two")),
        ("/etc/containerd/foo/3.toml".into(), "version = 2\n".into()),
    ];
    let (drop_in, _) = added(&files, &wish());
    let drop_in = drop_in.unwrap();
    assert!(drop_in.contains("sandbox_image = \"two\""), "{drop_in}");
    // What the main file says of runc does not count any more: containerd's own runc has no options.
    assert!(!drop_in.contains("SystemdCgroup"), "{drop_in}");
    let runc = "containerd.runtimes.runc]\nruntime_type = \"io.containerd.runc.v2\"\n";
    assert!(drop_in.contains(runc), "{drop_in}");
}

#[test]
fn what_somebody_has_put_into_the_drop_in_stays() {
    let mut files = files(Some(V2), "1.6.20");
    let theirs = r#"# theirs
version = 2
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "old"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.mine] # mine
runtime_type = "io.containerd.runsc.v1"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia]
pod_annotations = ["x"]
runtime_path = "/old/shim"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia.options]
BinaryName = "/old"
"#;
    files.drop_in_text = Some(theirs.into());
    let (drop_in, _) = added(&files, &wish());
    let drop_in = drop_in.unwrap();
    for kept in [
        "# theirs\n",
        "runtimes.mine] # mine\n",
        "pod_annotations = [\"x\"]\n",
    ] {
        assert!(drop_in.contains(kept), "{kept:?} in {drop_in}");
    }
    assert!(
        drop_in.contains("sandbox_image = \"registry/pause:3.9\""),
        "{drop_in}"
    );
    assert!(!drop_in.contains("/old"), "{drop_in}");
}

#[test]
fn version_1_is_edited_in_place() {
    let text = "# old\n[plugins.cri]\n  x = 1\n  [plugins.cri.containerd.runtimes.runc]\n    runtime_type = \"io.containerd.runc.v1\"\n";
    let wish = Wish {
        with_cdi: true,
        is_default: true,
        ..wish()
    };
    let (drop_in, main) = added(&files(Some(text), "1.2"), &wish);
    assert_eq!(drop_in, None);
    let main = main.unwrap();
    assert!(main.contains("# old\n[plugins.cri]\n  x = 1\n"), "{main}");
    for line in [
        "version = 1\n",
        "enable_cdi = true\n",
        "default_runtime_name = \"nvidia\"\n",
        "[plugins.cri.containerd.runtimes.nvidia]\nruntime_type = \"io.containerd.runc.v1\"\n",
        "BinaryName = \"/usr/bin/nvidia-container-runtime\"\nRuntime = \"/usr/bin/nvidia-container-runtime\"\n",
    ] {
        assert!(main.contains(line), "{line:?} in {main}");
    }
}

#[test]
fn another_shim_is_no_model() {
    let text = V2.replace("io.containerd.runc.v2", "io.containerd.kata.v2");
    let (drop_in, _) = added(&files(Some(&text), "2.1.0"), &wish());
    let drop_in = drop_in.unwrap();
    assert!(
        drop_in.contains("runtime_type = \"io.containerd.runc.v2\""),
        "{drop_in}"
    );
    assert!(!drop_in.contains("SystemdCgroup"), "{drop_in}");
}

#[test]
fn a_dump_is_read_in_the_place_of_the_files() {
    let mut files = files(Some("version = 2\n"), "?");
    files.dump = Some(V2.into());
    let (drop_in, main) = added(&files, &wish());
    assert!(drop_in.unwrap().contains("SystemdCgroup = true"));
    assert!(main.unwrap().starts_with("version = 2\nimports"));
    // One of another version has tables that nobody would read.
    files.main_text = Some("version = 3\n".into());
    let (drop_in, _) = added(&files, &wish());
    assert!(!drop_in.unwrap().contains("SystemdCgroup"));
}

#[test]
fn what_is_no_configuration_is_refused_with_its_place() {
    for (text, place, reason) in [
        ("version = 2\n[plugins\n", "line 2, column", "not TOML"),
        (
            "version = 'two'\n",
            "line 1, column 11",
            "`version` is not a whole number",
        ),
        (
            "version = 100\n",
            "line 1, column 11",
            "`version` is not a version",
        ),
        (
            "version = 2\nplugins = 3\n",
            "line 2, column 11",
            "`plugins` is not a table",
        ),
        (
            "version = 2\nimports = 'x'\n",
            "line 2, column 11",
            "`imports` is not an array",
        ),
        (
            "version = 2\r\nroot = 'x'\n",
            "line 1, column",
            "carriage return",
        ),
        ("a = 1\na = 2\n", "line 2, column", "not TOML"),
    ] {
        let refused = add(&files(Some(text), "?"), &wish()).unwrap_err();
        assert_eq!(refused.path, Path::new("/etc/containerd/config.toml"));
        let refused = refused.refused.to_string();
        assert!(refused.starts_with(place), "{text:?}: {refused}");
        assert!(refused.contains(reason), "{text:?}: {refused}");
    }
}

#[test]
fn a_last_line_stays_open() {
    let text = "version = 2\nimports = [\"/etc/containerd/conf.d/*.toml\"]";
    let (_, main) = added(&files(Some(text), "1.7"), &wish());
    assert_eq!(main.unwrap(), text);
    let (_, main) = added(&files(Some("version = 2"), "1.7"), &wish());
    let expected = "version = 2\nimports = [\"/etc/containerd/conf.d/*.toml\"]";
    assert_eq!(main.unwrap(), expected);
}

#[test]
fn a_runtime_that_was_there_gets_what_it_lacks() {
    let mut files = files(Some(V2), "1.6.20");
    files.drop_in_text = Some(
        "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.nvidia.options]\nRoot = \"/mine\"\n"
            .into(),
    );
    let (drop_in, _) = added(&files, &wish());
    let drop_in = drop_in.unwrap();
    for line in [
        "Root = \"/mine\"\n",
        "SystemdCgroup = true\n",
        "runtime_type = \"io.containerd.runc.v2\"\n",
    ] {
        assert!(drop_in.contains(line), "{line:?} in {drop_in}");
    }
}

#[test]
fn containerd_2_is_not_told_in_version_1() {
    let refused = add(&files(Some("[plugins.cri]\nx = 1\n"), "2.1.0"), &wish()).unwrap_err();
    assert!(refused.refused.reason.contains("migrate"), "{refused}");
}

#[test]
fn taken_out_again() {
    let wish = Wish {
        is_default: true,
        ..wish()
    };
    let mut files = files(Some(V2), "1.6.20");
    let (drop_in, _) = added(&files, &wish);
    files.drop_in_text = drop_in;
    let removed = remove(&files, "nvidia").unwrap();
    assert_eq!(removed.files.len(), 1);
    let text = &removed.files[0].text;
    assert!(!text.contains("nvidia"), "{text}");
    assert!(
        text.contains("runtimes.runc]") && text.contains("sandbox_image"),
        "{text}"
    );
    assert_eq!(remove(&files, "other").unwrap(), Edited::default());
}

#[test]
fn what_containerd_says_of_itself() {
    let wish = wish();
    let (drop_in, _) = added(&files(Some(V2), "1.7"), &wish);
    let drop_in = drop_in.unwrap();
    assert_eq!(program_of(&drop_in, "nvidia").as_ref(), Some(&wish.path));
    assert_eq!(
        program_of(&drop_in, "runc").as_deref(),
        Some("/usr/local/bin/runc")
    );
    // The path may stand elsewhere; it is not the runtime's then.
    let elsewhere = format!("version = 2\nroot = \"{}\"\n", wish.path);
    assert_eq!(program_of(&elsewhere, "nvidia"), None);
    assert_eq!(program_of("not [TOML", "nvidia"), None);
    let dump = "version = 3\n[ttrpc]\naddress = \"/other\"\n[grpc]\n  address = '/run/c.sock'\n";
    assert_eq!(address(dump).as_deref(), Some(Path::new("/run/c.sock")));
    assert_eq!(address("[grpc]\naddress = \"\"\n"), None);
}

#[test]
fn whether_kubernetes_can_ask() {
    for (text, is_off) in [
        ("disabled_plugins = [\"cri\"]\n", true),
        (
            "disabled_plugins = [\n  # of Docker's package\n  'io.containerd.grpc.v1.cri',\n]\n",
            true,
        ),
        ("disabled_plugins = []\n", false),
        ("# disabled_plugins = [\"cri\"]\n", false),
        (
            "disabled_plugins = [\"io.containerd.internal.v1.opt\"]\n",
            false,
        ),
        ("", false),
    ] {
        assert_eq!(has_cri_off(text), is_off, "{text}");
    }
    assert!(has_cri(V2) && has_cri("[plugins.cri]\nx = 1\n"));
    assert!(has_cri(
        "version = 3\n[plugins.'io.containerd.cri.v1.runtime']\n"
    ));
    assert!(!has_cri("version = 2\nroot = \"/cri\"\n"));
}
