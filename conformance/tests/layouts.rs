//! The layouts of distributions: in each root that `cargo xtask roots` makes, the container's own loader finds
//! the driver, its own `ldconfig` keeps it, and a restart changes nothing.
//!
//! A program linked against `libcuda.so.1` is the judge: it starts only if the loader of its C library finds the
//! driver's, and says which file that was. What listens behind the name is the simulated machine's stand-in. It
//! uses only functions that musl has as well, so that Alpine's loader can be seen to find it; a real driver's library
//! needs the package gcompat there, whose part that is not.

#[path = "layouts/case.rs"]
mod case;
#[path = "layouts/glibc.rs"]
mod glibc;
#[path = "layouts/program.rs"]
mod program;

use case::{Case, LAYOUTS, Layout};
use liftgate_conformance::suite::{self, Ground, trial};
use liftgate_conformance::{Image, Inside};
use program::{Kind, Linked};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const RUNTIMES: [&str; 2] = ["runc", "crun"];

/// Where the roots are.
const VARIABLE: &str = "LIFTGATE_ROOTS";

/// So that no two bundles have one directory.
static NUMBER: AtomicUsize = AtomicUsize::new(0);

/// What every test shares.
struct Place {
    ground: Arc<Ground>,
    roots: PathBuf,
    linked: Linked,
    /// On the same file system as the roots, so that a copy can share their files.
    directory: tempfile::TempDir,
}

fn main() -> ExitCode {
    let place = prepare();
    let mut trials = Vec::new();
    for layout in &LAYOUTS {
        for machine in layout.machines {
            for runtime in RUNTIMES {
                add(&mut trials, &place, layout, machine, runtime, false);
            }
        }
        // crun makes the root read-only before its hooks run, runc after.
        for runtime in RUNTIMES {
            add(
                &mut trials,
                &place,
                layout,
                layout.machines[0],
                runtime,
                true,
            );
        }
    }
    for (name, root, check) in glibc::CASES {
        // runc drops what a hook says, unless the hook fails.
        let name = format!("crun::{name}");
        trials.push(
            match case(&place, root, Kind::Static, "ubuntu-550", "crun") {
                Ok((place, case)) => trial(&name, None, move || check(&case, &place.linked)),
                Err(missing) => trial(&name, Some(&missing), || Ok(())),
            },
        );
    }
    suite::conclude(trials, || drop(place))
}

fn prepare() -> Result<Arc<Place>, String> {
    let roots = std::env::var_os(VARIABLE)
        .map(PathBuf::from)
        .ok_or_else(|| format!("needs {VARIABLE}, which `cargo xtask roots` prints"))?;
    let ground = Ground::prepare()?;
    let linked = Linked::compile(&ground.place("linked"), &roots.join("musl-dev"))?;
    let directory = tempfile::Builder::new()
        .prefix("bundles-")
        .tempdir_in(&roots)
        .map_err(|error| error.to_string())?;
    Ok(Arc::new(Place {
        ground,
        roots,
        linked,
        directory,
    }))
}

/// A case, or what is missing for it.
fn case(
    place: &Result<Arc<Place>, String>,
    root: &str,
    kind: Kind,
    machine: &str,
    runtime: &str,
) -> Result<(Arc<Place>, Case), String> {
    let place = place.as_ref().map_err(Clone::clone)?;
    if !place.roots.join(format!("{root}.made")).exists() {
        return Err(format!("needs the root `{root}` of `cargo xtask roots`"));
    }
    place.linked.program(kind)?;
    let inside = Inside {
        programs: place.ground.programs.clone(),
        machine: machine.to_owned(),
        state: place.ground.state.clone(),
        writable: Vec::new(),
        low_level: suite::low_level(runtime)?,
    };
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("{root}-{machine}-{runtime}-{number}");
    let case = Case {
        image: Image::at(&place.roots.join(root)),
        directory: place.directory.path().join(name),
        inside,
    };
    Ok((Arc::clone(place), case))
}

fn add(
    trials: &mut Vec<libtest_mimic::Trial>,
    place: &Result<Arc<Place>, String>,
    layout: &'static Layout,
    machine: &str,
    runtime: &str,
    is_read_only: bool,
) {
    let suffix = if is_read_only { "::read-only" } else { "" };
    let name = format!("{runtime}::{}::{machine}{suffix}", layout.root);
    trials.push(
        match case(place, layout.root, layout.kind, machine, runtime) {
            Ok((place, case)) => trial(&name, None, move || {
                case.check(layout, &place.linked, is_read_only)
            }),
            Err(missing) => trial(&name, Some(&missing), || Ok(())),
        },
    );
}
