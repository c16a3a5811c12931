//! CVE-2025-23266: variables that move a program before its first line, in a hook's own environment. A runtime like
//! runc before 1.3 gives a hook without an environment the image's.
//!
//! For each name that our executable answers to as a hook, and each variable that the loader, the C library or Rust's
//! knows: nothing is loaded, no file is made, and the container is, byte for byte, what it is without the variable. The
//! weakened build is dynamic, keeps its environment and converts text, so that it is moved by those that can move
//! anything here.

use crate::attack::{Attack, Report};
use crate::hook_calls::{Called, OTHERS, WHOLE};
use crate::loader_settings::{CONFIGURATION, Effect, SETTINGS};
use crate::target::{Kind, Target};
use libtest_mimic::Failed;
use liftgate_conformance::Bundle;
use liftgate_conformance::hostile::{Scene, gpus, write_library};
use liftgate_conformance::suite::fail;
use serde_json::Value;
use std::fs;
use std::io;
use std::path::Path;

pub(crate) fn attacks() -> Vec<Attack> {
    let attack = |called: Called, is_whole: bool| {
        let name = format!("CVE-2025-23266/{}", called.label);
        let run = move |scene: &Scene, target: &Target| attack(scene, target, called, is_whole);
        Attack::new(name, "h200-580", run).bites("inherited-environment")
    };
    let whole = WHOLE.into_iter().map(|called| attack(called, true));
    let others = OTHERS.into_iter().map(|called| {
        let attack = attack(called, false);
        if called.label == "update-ldcache" {
            attack.bit("1.17.7")
        } else {
            attack
        }
    });
    whole.chain(others).collect()
}

/// Runs the program once for each line of the file of settings, each time in a container that nobody has touched,
/// and writes down what there is to be seen of it.
const EACH: &str = r#"
cd "$BUNDLE"
mkfifo ready
IMAGE=$BUNDLE/rootfs
number=0
while IFS= read -r settings; do
  rm -rf "$IMAGE"; cp -a "$BUNDLE/image" "$IMAGE"
  unshare --mount --propagation private /bin/sh -c '
    mount --bind "$BUNDLE/rootfs" "$BUNDLE/rootfs"
    mount -t tmpfs -o mode=755 tmpfs "$BUNDLE/rootfs/dev"
    echo > "$BUNDLE/ready"
    exec sleep 60' < /dev/null > /dev/null 2>&1 &
  pid=$!
  read line < ready
  printf '{"ociVersion":"1.0.2","id":"x","status":"created","pid":%s,"bundle":"%s"}' $pid "$BUNDLE" > state
  cat > run <<END
cd "$IMAGE"
exec timeout -k 1 20 env -i $settings "$PROGRAM" $(echo "$ARGUMENTS" | sed "s#@PID#$pid#")
END
  enter=
  [ -z "$INSIDE" ] || enter="nsenter --mount --target $pid"
  $enter /bin/sh "$BUNDLE/run" < state > out.$number 2> err.$number
  echo $? > status.$number
  {
    cd "$IMAGE"
    find . -printf '%p %y %m %s %l\n' | sort
    find . -type f | sort | xargs cksum
    cd "$BUNDLE"
    wc -l < /proc/$pid/mountinfo
  } > tree.$number
  { ls -d /owned "$CANARY"/owned; find "$OUT" -mindepth 1; } > made.$number 2> /dev/null
  rm -rf /owned "$CANARY"/owned "$OUT"/*
  kill $pid
  number=$((number + 1))
done < settings
"#;

fn attack(
    scene: &Scene,
    target: &Target,
    called: Called,
    is_whole: bool,
) -> Result<Report, Failed> {
    let out = scene.place.join("out");
    fs::create_dir_all(&out)?;
    make_image(scene)?;
    let is_shipped = target.kind == Kind::Shipped;
    let configuration = [(Effect::None, CONFIGURATION)];
    let settings: Vec<(Effect, &[&str])> = SETTINGS
        .iter()
        .copied()
        .chain(configuration.into_iter().filter(|_| called.is_inside))
        .filter(|(effect, _)| {
            matches!(effect, Effect::Makes | Effect::Changes) || is_whole && is_shipped
        })
        .collect();
    let filled = |text: &str| {
        text.replace("@ROOT", &scene.place.join("rootfs").to_string_lossy())
            .replace("@OUT", &out.to_string_lossy())
    };
    // The first line sets nothing: what all others are held against.
    let mut lines = "\n".to_owned();
    for (_, setting) in &settings {
        lines.push_str(&filled(&setting.join(" ")));
        lines.push('\n');
    }
    fs::write(scene.place.join("settings"), lines)?;
    let arguments = if called.label == "container-setup" {
        container_setup(scene)?
    } else {
        let quoted = called.arguments.iter().map(|text| quoted(&filled(text)));
        quoted.collect::<Vec<_>>().join(" ")
    };
    let inside = if called.is_inside { "1" } else { "" };
    let variables = [
        ("OUT", out.display().to_string()),
        ("CANARY", scene.canary.path().display().to_string()),
        (
            "PROGRAM",
            target.named(called.program).display().to_string(),
        ),
        ("ARGUMENTS", arguments),
        ("INSIDE", inside.to_owned()),
    ];
    let output = scene.on_machine(EACH, &[], &variables)?;
    let seen = |number: usize| Seen::read(&scene.place, number);
    let plain = seen(0).map_err(|error| fail(format!("{error}: {output:?}")))?;
    let mut report = Report {
        account: format!("without a variable: {plain:?}\n"),
        ..Report::default()
    };
    if plain.status != "0" || !plain.made.is_empty() {
        return Err(fail(report.account));
    }
    for (number, (effect, setting)) in settings.iter().enumerate() {
        let found = seen(number + 1)?;
        let name = setting.join(" ");
        let difference = found.difference(&plain);
        let has_effect = match effect {
            Effect::Makes => !found.made.is_empty(),
            _ => difference.is_some(),
        };
        if !has_effect && target.kind == Kind::Weakened {
            return Err(fail(format!("`{name}` does not move a dynamic program")));
        }
        if !found.made.is_empty() {
            report.harm.push(format!("`{name}` made {}", found.made));
        } else if let Some(difference) = difference {
            match effect {
                Effect::Makes | Effect::Changes => {
                    report.harm.push(format!("`{name}`: {difference}"));
                }
                Effect::None => report.faults.push(format!("`{name}`: {difference}")),
                Effect::Starves => {}
            }
        }
    }
    if is_shipped {
        report.look_at(scene, target)?;
    }
    Ok(report)
}

/// What there is to be seen of one run.
#[derive(Debug)]
struct Seen {
    status: String,
    words: String,
    tree: String,
    made: String,
}

impl Seen {
    fn read(place: &Path, number: usize) -> io::Result<Self> {
        let text = |name: &str| -> io::Result<String> {
            let bytes = fs::read(place.join(format!("{name}.{number}")))?;
            Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
        };
        Ok(Self {
            status: text("status")?,
            words: format!("{}{}", text("out")?, text("err")?),
            tree: text("tree")?,
            made: text("made")?,
        })
    }

    fn difference(&self, plain: &Self) -> Option<String> {
        if self.tree != plain.tree {
            return Some(format!("another container, status {}", self.status));
        }
        (self.status != plain.status || self.words != plain.words)
            .then(|| format!("status {}, {}", self.status, self.words))
    }
}

/// A small image with everything that the settings name.
fn make_image(scene: &Scene) -> Result<(), Failed> {
    let root = scene.place.join("image");
    for directory in ["gconv", "trap", "dev"] {
        fs::create_dir_all(root.join(directory))?;
    }
    crate::small_image::make(&scene.place, &root, &scene.ground.image)?;
    let library = root.join("owned.so");
    write_library(&library, scene.canary.path(), &[])?;
    fs::copy(&library, root.join("gconv/owned.so"))?;
    fs::write(
        root.join("gconv/gconv-modules"),
        "module LIFTGATE// INTERNAL owned 1\nmodule INTERNAL LIFTGATE// owned 1\n",
    )?;
    // Whatever is looked for by name.
    for name in ["nvidia-modprobe", "ldconfig", "runc", "sh", "true"] {
        let program = root.join("trap").join(name);
        let text = format!("#!/bin/sh\n: > {}/owned\n", scene.canary.path().display());
        fs::write(&program, text)?;
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&program, mode)?;
    }
    let log = scene.canary.path().join("owned");
    for name in ["config.toml", "nvidia-container-runtime/config.toml"] {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&root))?;
        let log = log.display();
        fs::write(
            path,
            format!(
                "[nvidia-container-cli]\ndebug = \"{log}\"\n[nvidia-container-runtime]\ndebug = \"{log}\"\n"
            ),
        )?;
    }
    Ok(())
}

/// The arguments of our own hook, as the runtime puts them into `config.json`.
fn container_setup(scene: &Scene) -> Result<String, Failed> {
    let directory = scene.place.join("plan");
    let bundle = Bundle::make(&directory, &scene.ground.image, &gpus("true"))?;
    let configuration = "[nvidia-container-runtime]\nruntimes = [\"/bin/true\"]\n";
    fs::write(directory.join("config.toml"), configuration)?;
    let script = "export NVIDIA_CTK_CONFIG_FILE_PATH=$BUNDLE/plan/config.toml\n\
                  \"$1\" create --bundle \"$BUNDLE/plan\" x";
    let runtime = scene.inside.programs.runtime.display().to_string();
    let output = scene.on_machine(script, &[runtime], &[])?;
    let configuration: Value = serde_json::from_slice(&fs::read(bundle.config())?)?;
    let arguments = &configuration["hooks"]["createContainer"][0]["args"];
    let arguments: Vec<String> = arguments
        .as_array()
        .into_iter()
        .flatten()
        .skip(1)
        .filter_map(|text| text.as_str().map(quoted))
        .collect();
    if arguments.len() < 10 {
        return Err(fail(format!("the runtime has made no hook: {output:?}")));
    }
    Ok(arguments.join(" "))
}

fn quoted(text: &str) -> String {
    format!("'{text}'")
}
