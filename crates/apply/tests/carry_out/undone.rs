//! A plan that cannot be carried out leaves nothing behind.

use crate::Check;
use crate::ground::{Ground, Order, has, same};
use libtest_mimic::Failed;
use std::fs;

pub(crate) const TESTS: &[(&str, Check)] = &[
    ("undone::a_place_that_cannot_be", a_place_that_cannot_be),
    ("undone::a_file_that_is_gone", a_file_that_is_gone),
    ("undone::the_last_step", the_last_step),
];

const FILE: &str = "ro,nosuid,nodev,rbind,rprivate";

/// Mounts in new directories and nodes, all of which would be to take back.
fn order(ground: &Ground) -> Order {
    Order::new()
        .mount(&ground.at("host/file"), "/opt/a/b/file", FILE)
        .mount(&ground.at("host/directory"), "/opt/a/directory", FILE)
        .node("/dev/nvidia0", (195, 0), 0o666, "host")
        .node("/dev/nvidia-caps/nvidia-cap1", (240, 1), 0o444, "host")
}

fn ground() -> Ground {
    Ground::new("mount -t tmpfs tmpfs $R/dev")
}

fn is_as_before(ground: &Ground, image: Vec<String>) -> Result<(), Failed> {
    same(ground.image(), image)?;
    same(ground.mounts(), vec!["dev rw".to_owned()])?;
    same(fs::read_dir(ground.seen("/dev"))?.count(), 0)
}

fn a_place_that_cannot_be() -> Result<(), Failed> {
    for word in ["no-switch", "old-calls"] {
        let ground = ground();
        fs::create_dir(ground.at("root/usr/lib64/libcuda.so.1"))?;
        let image = ground.image();
        let file = ground.at("host/file");
        let mut order = order(&ground).mount(&file, "/usr/lib64/libcuda.so.1", FILE);
        if word == "old-calls" {
            order = order.switch(word);
        }
        let failure = ground.carry_out(&order).expect_err("this is to fail");
        has(
            &failure,
            &[
                "mounting a file of the driver, `/usr/lib64/libcuda.so.1`",
                "the image has a directory",
            ],
        )?;
        same(failure.contains("not undone"), false)?;
        is_as_before(&ground, image)?;
    }
    Ok(())
}

/// It is found out before anything is done.
fn a_file_that_is_gone() -> Result<(), Failed> {
    let ground = ground();
    let image = ground.image();
    let order = order(&ground).mount(&ground.at("host/gone"), "/usr/lib64/gone", FILE);
    let failure = ground.carry_out(&order).expect_err("this is to fail");
    has(
        &failure,
        &["mounting a file of the driver, `host/gone`", "No such file"],
    )?;
    is_as_before(&ground, image)
}

/// With mounts and nodes in place, the loader's cache cannot be written.
fn the_last_step() -> Result<(), Failed> {
    let ground = ground();
    fs::remove_dir(ground.at("root/etc"))?;
    fs::write(ground.at("root/etc"), "a file")?;
    let image = ground.image();
    let order = order(&ground).library("libcuda.so.1", "/opt/a/b/file");
    let failure = ground.carry_out(&order).expect_err("this is to fail");
    has(
        &failure,
        &[
            "setting up the driver in the container's file system",
            "/etc",
        ],
    )?;
    is_as_before(&ground, image)
}
