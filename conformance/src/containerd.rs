//! A containerd of one's own, asked as Kubernetes asks it.

use crate::daemon::{Daemon, Ending, cgroup_for};
use crate::{Cri, Engines, Image, Site, context};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A running containerd with a socket, a root and a state of its own. Ended, with its pods, when it is
/// dropped.
#[derive(Debug)]
pub struct Containerd {
    cri: Cri,
    cgroup: String,
    engines: Engines,
    directory: PathBuf,
    // Dropped, and so ended, after its pods.
    _daemon: Daemon,
}

const IMPORT_LIMIT: Duration = Duration::from_secs(20);

impl Containerd {
    /// Starts it in `directory` and makes the image known under `name`, which has to be a full reference.
    /// The image is also what keeps a pod's namespaces.
    pub fn start(
        engines: &Engines,
        site: &Site,
        directory: &Path,
        image: &Image,
        name: &str,
    ) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let socket = directory.join("socket");
        let file = directory.join("config.toml");
        fs::write(&file, configuration(directory, name))?;
        let mut command = site.enter(directory, engines.program("containerd"));
        command
            .arg("--config")
            .arg(&file)
            .env("PATH", engines.path());
        let cri = Cri::at(&socket);
        let mut daemon = Daemon::start("containerd", &mut command, directory, Ending::Asked)?;
        daemon.await_answer(|| cri.is_ready())?;
        let containerd = Self {
            cri,
            cgroup: format!("/{}", cgroup_for(directory)),
            engines: engines.clone(),
            directory: directory.to_owned(),
            _daemon: daemon,
        };
        containerd.import(image, name)?;
        Ok(containerd)
    }

    /// The client at this containerd.
    pub fn cri(&self) -> &Cri {
        &self.cri
    }

    /// The control group that its pods belong below.
    pub fn cgroup(&self) -> &str {
        &self.cgroup
    }

    fn import(&self, image: &Image, name: &str) -> io::Result<()> {
        let archive = self.directory.join("image.tar");
        image.archive_with_configuration(&archive, name)?;
        let output = std::process::Command::new(self.engines.program("ctr"))
            .arg("--address")
            .arg(self.directory.join("socket"))
            .args(["--namespace", "k8s.io", "images", "import"])
            .arg(&archive)
            .output();
        let output = context(output, || "ctr images import".to_owned())?;
        fs::remove_file(&archive)?;
        if !output.status.success() {
            return Err(io::Error::other(
                String::from_utf8_lossy(&output.stderr).into_owned(),
            ));
        }
        // The part that speaks to Kubernetes hears of it by an event.
        let begun = Instant::now();
        while !self.cri.has_image(name)? {
            if begun.elapsed() > IMPORT_LIMIT {
                return Err(io::Error::other(format!("no image `{name}` after import")));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Containerd {
    fn drop(&mut self) {
        // Unlike dockerd it leaves its containers running when it ends.
        for pod in self.cri.pods().unwrap_or_default() {
            self.cri.remove_pod(&pod).ok();
        }
    }
}

/// CDI is not mentioned: that it is on, and where specifications are looked for, are defaults that are to be
/// seen at work. What is named is either a place or a part that reaches beyond this directory.
fn configuration(directory: &Path, image: &str) -> String {
    let directory = directory.display();
    format!(
        r#"version = 3
root = "{directory}/root"
state = "{directory}/state"
disabled_plugins = ["io.containerd.nri.v1.nri"]

[grpc]
address = "{directory}/socket"

[ttrpc]
address = "{directory}/socket.ttrpc"

[plugins."io.containerd.internal.v1.opt"]
path = "{directory}/opt"

[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = "{image}"

[plugins."io.containerd.cri.v1.runtime"]
# To spare a pod when memory runs out takes a right that not every machine gives.
restrict_oom_score_adj = true

[plugins."io.containerd.cri.v1.runtime".cni]
bin_dirs = ["{directory}/cni/bin"]
conf_dir = "{directory}/cni/net.d"
"#
    )
}
