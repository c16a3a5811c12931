//! The services of a machine of one's own: init scripts, and Docker's unit for its systemd.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// A target that wants nothing but what tells that systemd is up.
const TARGET: &str = "[Unit]
DefaultDependencies=no
Wants=ready.service
";

/// Docker's service, as its packages have it.
fn docker_unit(path: &str) -> String {
    format!(
        "[Unit]
DefaultDependencies=no
StartLimitBurst=3
StartLimitIntervalSec=60
[Service]
Type=notify
Restart=always
RestartSec=2
Slice=system.slice
Delegate=yes
KillMode=process
Environment=PATH={path}
ExecStart=/bin/sh -c 'exec dockerd {DOCKER_FLAGS} --exec-opt native.cgroupdriver=cgroupfs $(cat /run/docker-flags 2>/dev/null)'
ExecReload=/bin/kill -s HUP $MAINPID
StandardError=append:/var/log/docker.log
"
    )
}

fn ready_unit(directory: &Path) -> String {
    format!(
        "[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
ExecStart=/bin/sh -c ': >{}/ready'
",
        directory.display()
    )
}

/// An init script: what follows sets `name`, `arguments` and a function `answers`.
const SERVICE: &str = r#"
log=/var/log/$name.log
id=$(cat /run/$name.pid 2>/dev/null)
is_running() { [ -n "$id" ] && kill -0 "$id" 2>/dev/null; }
start() {
  [ ! -e /run/$name-flags ] || arguments="$arguments $(cat /run/$name-flags)"
  [ ! -e /run/$name-path ] || PATH=$(cat /run/$name-path)
  setsid $program $arguments >>$log 2>&1 </dev/null &
  id=$!
  for try in $(seq 300); do
    is_running || break
    answers >/dev/null 2>&1 && { echo $id >/run/$name.pid; return 0; }
    sleep 0.1
  done
  tail -n 3 $log >&2
  return 1
}
stop() {
  is_running || return 0
  kill $id
  while is_running; do sleep 0.05; done
}
case $1 in
  start) start ;;
  stop) stop ;;
  restart) stop; start ;;
  *) exit 2 ;;
esac
"#;

/// What comes before it for each engine. dockerd leaves the machine's network, which is this host's, alone.
const DOCKER: &str = r#"#!/bin/sh
name=docker program=dockerd
arguments="$FLAGS"
answers() { docker version; }
"#;
const DOCKER_FLAGS: &str =
    "--iptables=false --ip6tables=false --ip-forward=false --bridge=none --userland-proxy=false";

const CONTAINERD: &str = r#"#!/bin/sh
name=containerd program=containerd arguments=
answers() { ctr --address "${ADDRESS:-/run/containerd/containerd.sock}" version; }
"#;

/// Writes them into `directory`, from where the machine takes them; programs are found on `path`.
pub(super) fn write(directory: &Path, path: &str) -> io::Result<()> {
    let scripts = directory.join("init.d");
    fs::create_dir_all(&scripts)?;
    let docker = DOCKER.replace("$FLAGS", DOCKER_FLAGS);
    for (name, head) in [("docker", &*docker), ("containerd", CONTAINERD)] {
        let script = scripts.join(name);
        fs::write(&script, format!("{head}{SERVICE}"))?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
    }
    let units = directory.join("units");
    fs::create_dir_all(&units)?;
    fs::write(units.join("machine.target"), TARGET)?;
    fs::write(units.join("ready.service"), ready_unit(directory))?;
    fs::write(units.join("docker.service"), docker_unit(path))
}
