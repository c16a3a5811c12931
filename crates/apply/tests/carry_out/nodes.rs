//! Device nodes in the container.

use crate::Check;
use crate::ground::{Ground, Order, has, same};
use libtest_mimic::Failed;
use std::fs;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};

pub(crate) const TESTS: &[(&str, Check)] = &[
    ("nodes::made_in_a_dev_of_its_own", made_in_a_dev_of_its_own),
    ("nodes::mounted_elsewhere", mounted_elsewhere),
    ("nodes::left_out", left_out),
];

/// Type, numbers, permission bits and group.
fn node(ground: &Ground, path: &str) -> Result<(bool, u64, u32, u32), Failed> {
    let metadata = fs::symlink_metadata(ground.seen(path))?;
    Ok((
        metadata.file_type().is_char_device(),
        metadata.rdev(),
        metadata.mode() & 0o777,
        metadata.gid(),
    ))
}

const fn number(major: u64, minor: u64) -> u64 {
    major << 8 | minor
}

fn made_in_a_dev_of_its_own() -> Result<(), Failed> {
    let ground = Ground::new(
        "mount -t tmpfs tmpfs $R/dev; : > $R/dev/nvidia1; ln -s /etc/passwd $R/dev/nvidia2; mknod -m 600 $R/dev/nvidia3 c 195 3; mknod $R/dev/nvidia4 c 1 3",
    );
    let order = (0..5).fold(Order::new(), |order, minor| {
        order.node(&format!("/dev/nvidia{minor}"), (195, minor), 0o660, "host")
    });
    // One that the host lacks, in a directory that is not there yet.
    let order = order.node("/dev/nvidia-caps/nvidia-cap1", (240, 1), 0o444, "majors");
    same(ground.carry_out(&order), Ok(String::new()))?;
    for minor in [0, 1, 2, 4] {
        let made = node(&ground, &format!("/dev/nvidia{minor}"))?;
        same(made, (true, number(195, minor), 0o660, 7))?;
    }
    // What is the same device already stays as it is.
    same(
        node(&ground, "/dev/nvidia3")?,
        (true, number(195, 3), 0o600, 0),
    )?;
    same(
        node(&ground, "/dev/nvidia-caps/nvidia-cap1")?,
        (true, number(240, 1), 0o444, 7),
    )?;
    same(ground.mounts(), vec!["dev rw".to_owned()])?;
    same(fs::read_dir(ground.at("root/dev"))?.count(), 0)
}

/// A `/dev` of the image's, one that cannot have devices, or the host's own.
fn mounted_elsewhere() -> Result<(), Failed> {
    for (script, word) in [
        ("", "no-switch"),
        ("mount -t tmpfs -o nodev tmpfs $R/dev", "no-switch"),
        ("", "old-calls"),
    ] {
        let ground = Ground::new(script);
        let mut order = Order::new().node_of("/dev/nvidia0", "/dev/null", (1, 3));
        if word == "old-calls" {
            order = order.switch(word);
        }
        same(ground.carry_out(&order), Ok(String::new()))?;
        let (is_device, number_of, _, _) = node(&ground, "/dev/nvidia0")?;
        same((is_device, number_of), (true, number(1, 3)))?;
        same(
            ground.mounts().last().cloned(),
            Some("dev/nvidia0 ro,nosuid,noexec".to_owned()),
        )?;
        // A device on a read-only mount is open to be written; its mode is not to be changed.
        fs::write(ground.seen("/dev/nvidia0"), "x")?;
        let lacking = Order::new().node("/dev/nvidia9", (195, 9), 0o666, "majors");
        let failure = ground.carry_out(&lacking).expect_err("this is to fail");
        has(
            &failure,
            &[
                "giving a device node",
                "/dev/nvidia9",
                "195:9",
                "nvidia-modprobe",
            ],
        )?;
    }
    // The host's own `/dev`, where nothing is to be made.
    let ground = Ground::new("mount --rbind /dev $R/dev");
    let path = format!("/dev/liftgate-{}", std::process::id());
    let answer = ground.carry_out(&Order::new().node(&path, (195, 9), 0o666, "majors"));
    // Should it be there after all, it is not to stay.
    let is_left_alone = fs::remove_file(&path).is_err();
    has(
        &answer.expect_err("this is to fail"),
        &["none can be made in this container"],
    )?;
    same(is_left_alone, true)?;
    same(
        ground.carry_out(&Order::new().node("/dev/null", (1, 3), 0o666, "host")),
        Ok(String::new()),
    )
}

fn left_out() -> Result<(), Failed> {
    let ground = Ground::new("mount -t tmpfs tmpfs $R/dev");
    let order = Order::new()
        .node("/dev/nvidia0", (195, 0), 0o666, "host")
        .switch("no-nodes");
    same(ground.carry_out(&order), Ok(String::new()))?;
    same(ground.seen("/dev/nvidia0").exists(), false)
}
