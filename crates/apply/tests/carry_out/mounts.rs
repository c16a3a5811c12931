//! Files of the host in the container.

use crate::Check;
use crate::ground::{Ground, Order, carry_out, has, same};
use libtest_mimic::Failed;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::Path;

pub(crate) const TESTS: &[(&str, Check)] = &[
    ("mounts::flags_by_both_ways", flags_by_both_ways),
    ("mounts::links_of_the_image", links_of_the_image),
    ("mounts::once_more", once_more),
    ("mounts::what_the_user_mounted", what_the_user_mounted),
    ("mounts::what_the_image_has", what_the_image_has),
    ("mounts::read_only_root", read_only_root),
    ("mounts::caller", caller),
    ("mounts::user_namespace", user_namespace),
    (
        "mounts::proc_shows_what_was_granted",
        proc_shows_what_was_granted,
    ),
];

const FILE: &str = "ro,nosuid,nodev,rbind,rprivate";

fn order(ground: &Ground) -> Order {
    Order::new()
        .mount(&ground.at("host/file"), "/usr/lib64/libcuda.so.1", FILE)
        .mount(
            &ground.at("host/directory"),
            "/opt/new/directory",
            "ro,rbind",
        )
        .mount(
            &ground.at("host/file"),
            "/run/socket",
            "nosuid,nodev,noexec,rbind",
        )
}

/// The kernel's old calls put the same mounts in place as its new ones.
fn flags_by_both_ways() -> Result<(), Failed> {
    let expected = vec![
        "usr/lib64/libcuda.so.1 ro,nosuid,nodev".to_owned(),
        "opt/new/directory ro".to_owned(),
        "run/socket rw,nosuid,nodev,noexec".to_owned(),
    ];
    for word in ["no-nodes", "old-calls"] {
        let ground = Ground::new("");
        same(
            ground.carry_out(&order(&ground).switch(word)),
            Ok(String::new()),
        )?;
        same(ground.mounts(), expected.clone())?;
        same(
            fs::read_to_string(ground.seen("/run/socket"))?,
            "the driver's".to_owned(),
        )?;
        same(ground.seen("/opt/new/directory/inside").exists(), true)?;
        // On the host there is but the place.
        same(fs::metadata(ground.at("root/run/socket"))?.size(), 0)?;
    }
    Ok(())
}

/// Where an image has links, they lead to places inside of it, there or not.
fn links_of_the_image() -> Result<(), Failed> {
    let ground = Ground::new("");
    let root = |path: &str| ground.at("root").join(path);
    symlink("/usr/lib64", root("lib64"))?;
    symlink("../../../../../../elsewhere/file", root("usr/lib64/up"))?;
    symlink("/etc/there", root("usr/lib64/absolute"))?;
    fs::create_dir(root("elsewhere"))?;
    fs::write(root("etc/there"), "the image's")?;
    let file = ground.at("host/file");
    let order = Order::new()
        .mount(&file, "/lib64/up", FILE)
        .mount(&file, "/lib64/absolute", FILE);
    same(ground.carry_out(&order), Ok(String::new()))?;
    for place in ["/elsewhere/file", "/etc/there"] {
        same(
            fs::read_to_string(ground.seen(place))?,
            "the driver's".to_owned(),
        )?;
    }
    same(
        fs::read_to_string(root("etc/there"))?,
        "the image's".to_owned(),
    )?;
    // A loop leads nowhere, and is told of.
    symlink("loop", root("usr/lib64/loop"))?;
    let failure = ground.carry_out(&Order::new().mount(&file, "/usr/lib64/loop", FILE));
    has(
        &failure.expect_err("this is to fail"),
        &[
            "mounting a file of the driver",
            "/usr/lib64/loop",
            "too many links",
        ],
    )
}

fn once_more() -> Result<(), Failed> {
    let ground = Ground::new("mount -t tmpfs tmpfs $R/dev");
    let order = order(&ground).node("/dev/nvidia0", (195, 0), 0o666, "host");
    same(ground.carry_out(&order), Ok(String::new()))?;
    let (mounts, image) = (ground.mounts(), ground.image());
    for _ in 0..3 {
        same(ground.carry_out(&order), Ok(String::new()))?;
    }
    same(ground.mounts(), mounts)?;
    same(ground.image(), image)
}

fn what_the_user_mounted() -> Result<(), Failed> {
    let ground = Ground::new(
        ": > $R/run.socket; mkdir $R/run; : > $R/run/socket; mount --bind $R/run.socket $R/run/socket",
    );
    let before = ground.mounts();
    let order = order(&ground).users_mount("/usr/lib64/libcuda.so.1");
    let notes = ground.carry_out(&order).map_err(Failed::from)?;
    has(
        &notes,
        &["/usr/lib64/libcuda.so.1 is mounted by the user; the driver's is left out"],
    )?;
    same(ground.seen("/usr/lib64/libcuda.so.1").exists(), false)?;
    // A place that is a mount already is let be, whoever mounted it.
    same(ground.mounts()[..before.len()].to_vec(), before.clone())?;
    same(ground.mounts().len(), before.len() + 1)
}

/// A program of the driver gives way to one that the image has, be it a link; not to the empty file that an
/// earlier start left behind. A library gives way to nothing.
fn what_the_image_has() -> Result<(), Failed> {
    let ground = Ground::new("mkfifo $R/usr/lib64/pipe");
    let root = |path: &str| ground.at("root/usr/lib64").join(path);
    fs::write(root("own"), "the image's")?;
    fs::write(root("empty"), "")?;
    symlink("own", root("link"))?;
    fs::write(root("library"), "the image's")?;
    let file = ground.at("host/file");
    let mut order = Order::new();
    for name in ["own", "empty", "link", "pipe", "new"] {
        order = order
            .mount(&file, &format!("/usr/lib64/{name}"), FILE)
            .yields_to_image();
    }
    let order = order.mount(&file, "/usr/lib64/library", FILE);
    let notes = ground.carry_out(&order).map_err(Failed::from)?;
    let left_out =
        |name: &str| format!("the image has its own /usr/lib64/{name}; the driver's is left out\n");
    same(notes, ["own", "link", "pipe"].map(left_out).concat())?;
    for (name, whose) in [
        ("own", "the image's"),
        ("link", "the image's"),
        ("empty", "the driver's"),
        ("new", "the driver's"),
        ("library", "the driver's"),
    ] {
        let seen = fs::read_to_string(ground.seen("/usr/lib64").join(name))?;
        same(seen, whose.to_owned())?;
    }
    Ok(())
}

/// crun makes a root read-only before the hook, and it is so again afterwards.
fn read_only_root() -> Result<(), Failed> {
    let ground = Ground::new("mount -t tmpfs tmpfs $R/dev; mount -o remount,bind,ro $R");
    let order = order(&ground).library("libcuda.so.1", "/usr/lib64/libcuda.so.1");
    same(ground.carry_out(&order), Ok(String::new()))?;
    same(ground.seen("/etc/ld.so.cache").exists(), true)?;
    let write = || fs::write(ground.seen("/etc/new"), "").map_err(|error| error.raw_os_error());
    same(write(), Err(Some(30)))?;
    fs::create_dir(ground.at("root/run/directory"))?;
    let failing = Order::new().mount(&ground.at("host/file"), "/run/directory", FILE);
    same(ground.carry_out(&failing).is_err(), true)?;
    same(write(), Err(Some(30)))
}

/// Without a process the caller's own mount namespace is meant; and the host's root is no container's, by
/// whatever name.
fn caller() -> Result<(), Failed> {
    let ground = Ground::new("");
    symlink("/", ground.at("top"))?;
    for top in ["/", "/..", ground.at("top").to_str().unwrap_or_default()] {
        let refused = carry_out("caller", Path::new(top), &order(&ground));
        has(
            &refused.expect_err("this is to fail"),
            &["the container's root is the host's"],
        )?;
        let refused = ground.carry_out_at(&order(&ground), Path::new(top));
        has(
            &refused.expect_err("this is to fail"),
            &["the container's root is the host's"],
        )?;
    }
    Ok(())
}

/// What is made for a container in a user namespace belongs to that one's root.
fn user_namespace() -> Result<(), Failed> {
    let ground = Ground::new("");
    ground.enter_user_namespace("0 100000 1000", "0 200000 1000")?;
    let order = order(&ground).node_of("/dev/nvidia0", "/dev/null", (1, 3));
    same(ground.carry_out(&order), Ok(String::new()))?;
    let owner = |path: &str| -> std::io::Result<(u32, u32)> {
        let metadata = fs::metadata(ground.at("root").join(path))?;
        Ok((metadata.uid(), metadata.gid()))
    };
    for made in [
        "opt",
        "opt/new/directory",
        "run/socket",
        "usr/lib64/libcuda.so.1",
        "dev/nvidia0",
    ] {
        same(owner(made)?, (100_000, 200_000))?;
    }
    same(
        ground
            .mounts()
            .contains(&"dev/nvidia0 ro,nosuid,noexec".to_owned()),
        true,
    )
}

/// `/proc/driver/nvidia` as the kernel has it, with two GPUs.
const PROC: &str = r#"
mount -t tmpfs tmpfs $R/dev
mkdir -p $R/proc/driver/nvidia/gpus/0000:17:00.0 $R/proc/driver/nvidia/gpus/0000:31:00.0
mount -t tmpfs tmpfs $R/proc
mkdir -p $R/proc/driver/nvidia/gpus/0000:17:00.0 $R/proc/driver/nvidia/gpus/0000:31:00.0
cd $R/proc/driver/nvidia
echo "Device Minor: 	 0" > gpus/0000:17:00.0/information
echo "Device Minor: 	 1" > gpus/0000:31:00.0/information
printf 'ModifyDeviceFiles: 1\nOther: 1\n' > params
cd /
"#;

fn proc_shows_what_was_granted() -> Result<(), Failed> {
    let ground = Ground::new(PROC);
    let names = || -> std::io::Result<Vec<String>> {
        let entries = fs::read_dir(ground.seen("/proc/driver/nvidia/gpus"))?;
        Ok(entries
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect())
    };
    let order = Order::new()
        .switch("cover")
        .node("/dev/nvidia7", (195, 1), 0o666, "host")
        .node("/dev/nvidiactl", (195, 255), 0o666, "host");
    for _ in 0..2 {
        same(ground.carry_out(&order), Ok(String::new()))?;
        same(names()?, vec!["0000:31:00.0".to_owned()])?;
        let read = |path: &str| fs::read_to_string(ground.seen("/proc/driver/nvidia").join(path));
        same(
            read("gpus/0000:31:00.0/information")?,
            "Device Minor: \t 1\n".to_owned(),
        )?;
        same(
            read("params")?,
            "ModifyDeviceFiles: 0\nOther: 1\n".to_owned(),
        )?;
        let written = fs::create_dir(ground.seen("/proc/driver/nvidia/gpus/new"));
        same(written.map_err(|error| error.raw_os_error()), Err(Some(30)))?;
        same(
            ground
                .mounts()
                .iter()
                .filter(|line| line.contains("driver"))
                .count(),
            3,
        )?;
    }
    // With every GPU there is nothing to hide.
    let ground = Ground::new(PROC);
    let all = Order::new()
        .switch("cover")
        .node("/dev/nvidia0", (195, 0), 0o666, "host")
        .node("/dev/nvidia1", (195, 1), 0o666, "host");
    same(ground.carry_out(&all), Ok(String::new()))?;
    same(
        ground
            .mounts()
            .iter()
            .filter(|line| line.contains("gpus"))
            .count(),
        0,
    )
}
