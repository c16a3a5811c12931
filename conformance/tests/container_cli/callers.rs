//! The ways in which others call `nvidia-container-cli configure`: each gives a working `nvidia-smi -L`.

use crate::stage::{self, PREPARE, Prepared};
use libtest_mimic::{Failed, Trial};
use liftgate_conformance::suite::{self, Ground, fail};
use std::path::PathBuf;

const LIST: &str = "chroot $R nvidia-smi -L; echo status=$?\n";

/// The variable that names where enroot's hook is.
const ENROOT: &str = "LIFTGATE_ENROOT";

/// LXC's hook: in the container's namespaces, with everything that it knows to ask for.
const LXC: &str = "nvidia-container-cli --user configure --no-cgroups --ldconfig=@/sbin/ldconfig --device=all --compute --compat32 --display --graphics --utility --video --require='cuda>=12.0' $R";

/// Singularity and Apptainer with `--nvccli`.
const SINGULARITY: &str = "nvidia-container-cli --user configure --no-cgroups --device=0 --ldconfig=@/sbin/ldconfig --compute --utility $R";

/// A rootless engine's, which nobody told of `--no-cgroups`.
const ROOTLESS: &str =
    "nvidia-container-cli configure --device=all --compute --utility --ldconfig=@/sbin/ldconfig $R";

/// By hand, each option in another spelling.
const BY_HAND: &str = "nvidia-container-cli -k --user=65534:65534 -l /etc/ld.so.cache conf -cu -d0 --no-cg $R 2>/dev/null || nvidia-container-cli -k --user=65534:65534 -l /etc/ld.so.cache configure -cu -d0 --no-cg $R";

pub(crate) fn add(trials: &mut Vec<Trial>, ground: &Prepared) {
    stage::add(trials, ground, "callers::left-out", None, left_out);
    let enroot = std::env::var_os(ENROOT).map(PathBuf::from);
    for machine in suite::MACHINES {
        for (user, flags) in [("root", "-m"), ("user-namespace", "-U -r -m")] {
            for (caller, call, gpus) in [
                ("lxc", LXC, None),
                ("singularity", SINGULARITY, Some(vec![0])),
                ("by-hand", BY_HAND, Some(vec![0])),
            ] {
                let name = format!("callers::{caller}::{machine}::{user}");
                let script = unshared(flags, &format!("{PREPARE}\n{call}\n{LIST}"));
                stage::add(trials, ground, &name, None, move |ground, name| {
                    lists(ground, name, machine, &script, gpus, &[])
                });
            }
            let name = format!("callers::enroot::{machine}::{user}");
            let missing = format!("needs {ENROOT}");
            let hooks = enroot.clone();
            let script = unshared(flags, &format!("{PREPARE}\n{}\n{LIST}", enroot_script()));
            let missing = hooks.is_none().then_some(missing.as_str());
            stage::add(trials, ground, &name, missing, move |ground, name| {
                let hooks = hooks.ok_or("no hook")?;
                let variables = [("HOOKS", hooks.as_path())];
                lists(ground, name, machine, &script, Some(vec![0]), &variables)
            });
        }
        let name = format!("callers::rootless::{machine}");
        let script = unshared("-U -r -m", &format!("{PREPARE}\n{ROOTLESS}\n{LIST}"));
        stage::add(trials, ground, &name, None, move |ground, name| {
            lists(ground, name, machine, &script, None, &[])
        });
        for (caller, road) in [("ctr", CTR), ("ctr-and-again", CTR_TWICE)] {
            let name = format!("callers::{caller}::{machine}");
            stage::add(trials, ground, &name, None, move |ground, name| {
                lists(
                    ground,
                    name,
                    machine,
                    &format!("{CONTAINER}\n{road}\n{RUN}"),
                    Some(vec![0]),
                    &[],
                )
            });
        }
    }
}

/// What is left out is not mounted, and nothing else is.
fn left_out(ground: &Ground, name: &str) -> Result<(), Failed> {
    let mounted = |label: &str, options: &str| -> Result<String, Failed> {
        let call = format!(
            "nvidia-container-cli configure --no-cgroups --device=0 --compute --utility {options} $R\nsed -n \"s,.* $R\\(/[^ ]*\\) .*,\\1,p\" /proc/self/mountinfo | grep nvidia | sort\n"
        );
        let script = unshared("-m", &format!("{PREPARE}\n{call}"));
        let outcome = stage::run(
            ground,
            &format!("{name}-{label}"),
            "dgx-h100-8",
            &script,
            &[],
        )?;
        if outcome.status == Some(0) {
            Ok(outcome.stdout)
        } else {
            Err(fail(outcome.describe()))
        }
    };
    let all = mounted("nothing", "")?;
    for (option, part) in [
        ("--no-persistenced", "nvidia-persistenced/socket"),
        ("--no-fabricmanager", "nvidia-fabricmanager/socket"),
        ("--no-gsp-firmware", "/firmware/nvidia/"),
        ("--no-devbind", "/dev/nvidia"),
    ] {
        let less = mounted(option, option)?;
        let wanted: String = all
            .lines()
            .filter(|line| !line.contains(part))
            .flat_map(|line| [line, "\n"])
            .collect();
        // Nodes are made here, not mounted.
        let is_there = all.contains(part) || option == "--no-devbind";
        if less != wanted || !is_there {
            return Err(fail(format!("{option}\nwanted:\n{wanted}\ngot:\n{less}")));
        }
    }
    Ok(())
}

fn unshared(flags: &str, script: &str) -> String {
    format!("cat > $S/inside <<'EOF'\n{script}EOF\nexec unshare {flags} -p --fork sh $S/inside")
}

/// What enroot sets for its hooks, and the program of its own that this one calls for a device that is not there.
fn enroot_script() -> &'static str {
    r"
printf '#!/bin/sh\n' > $S/programs/enroot-mount
chmod +x $S/programs/enroot-mount
printf 'NVIDIA_VISIBLE_DEVICES=0\nNVIDIA_DRIVER_CAPABILITIES=compute,utility\nNVIDIA_REQUIRE_CUDA=cuda>=12.1 brand=tesla,driver>=470\n' > $S/environment
ENROOT_ROOTFS=$R ENROOT_ENVIRON=$S/environment ENROOT_LIBRARY_PATH=$HOOKS $HOOKS/98-nvidia.sh 2>&1
"
}

/// A container of runc's, with a prestart hook that containerd's `ctr --gpus` writes (through its `oci-hook`, which
/// fills in the process and the root).
const CONTAINER: &str = r#"
set -e
umount /sys/fs/cgroup/unified 2>/dev/null || true
mkdir -p $S/bundle
mv $R $S/bundle/rootfs
cat > $S/bundle/config.json <<EOF
{"ociVersion": "1.0.2",
 "process": {"user": {"uid": 1000, "gid": 1000}, "cwd": "/", "env": ["PATH=/usr/bin:/bin"],
   "args": ["sh", "-c", "nvidia-smi -L; echo status=\$?; mknod /tmp/nvidia1 c 195 1 2>/dev/null; true"], "noNewPrivileges": true},
 "root": {"path": "rootfs", "readonly": true},
 "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs"}],
 "hooks": {"prestart": [{"path": "$S/hook", "args": ["hook"], "env": ["PATH=$PATH", "S=$S"]}]},
 "linux": {"resources": {"devices": [{"allow": false, "access": "rwm"}]},
   "namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "ipc"}, {"type": "uts"}]}}
EOF
"#;

const CTR: &str = r#"
cat > $S/hook <<'EOF'
#!/bin/sh
pid=$(sed 's/.*"pid":\([0-9]*\).*/\1/')
exec nvidia-container-cli --load-kmods configure --device=0 --compute --utility --ldconfig=@/sbin/ldconfig --pid=$pid $S/bundle/rootfs
EOF
"#;

/// As when somebody configures a container that was configured: nothing is done twice.
const CTR_TWICE: &str = r#"
cat > $S/hook <<'EOF'
#!/bin/sh
pid=$(sed 's/.*"pid":\([0-9]*\).*/\1/')
configure="nvidia-container-cli configure --device=0 --compute --utility --pid=$pid $S/bundle/rootfs"
$configure && before=$(wc -l < /proc/$pid/mountinfo) && $configure && test $before = $(wc -l < /proc/$pid/mountinfo)
EOF
"#;

const RUN: &str =
    "chmod +x $S/hook\nexec runc --root $S/runc run --bundle $S/bundle liftgate-ctr-$$\n";

fn lists(
    ground: &Ground,
    name: &str,
    machine: &str,
    script: &str,
    gpus: Option<Vec<usize>>,
    variables: &[(&str, &std::path::Path)],
) -> Result<(), Failed> {
    let outcome = stage::run(ground, name, machine, script, variables)?;
    let manifest = suite::machine(machine);
    let gpus = gpus.unwrap_or_else(|| (0..manifest.gpus().len()).collect());
    let wanted = suite::expected_listing(&manifest, &gpus);
    if outcome.status == Some(0) && outcome.stdout.ends_with(&wanted) {
        Ok(())
    } else {
        Err(fail(format!("wanted:\n{wanted}{}", outcome.describe())))
    }
}
