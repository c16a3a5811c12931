//! What is others' is not touched: files under the names of the reference's, and the files of packages.

use super::Arguments;
use crate::count::count;
use crate::error::CliError;
use crate::install::{Manifest, OWN_PACKAGE, Owned, Plan, Scope, owners};
use liftgate_plan::{Code, Refusal};
use std::path::Path;

/// Refuses to touch what is others'.
pub(super) fn refuse(
    plan: &Plan,
    old: Option<&Manifest>,
    arguments: &Arguments,
) -> Result<(), CliError> {
    if arguments.place.scope() == Scope::Package {
        return Ok(());
    }
    let in_the_way: Vec<&Path> = plan.set_aside().collect();
    let owned = if arguments.place.is_machine() {
        let claims = plan.claims(old).chain(in_the_way.iter().copied());
        let mut claims: Vec<&Path> = claims
            .filter(|path| path.symlink_metadata().is_ok())
            .collect();
        claims.sort_unstable();
        claims.dedup();
        owners(&claims)
    } else {
        Vec::new()
    };
    let is_ours = |owned: &&Owned| owned.package == OWN_PACKAGE;
    if let Some(owned) = owned.iter().find(is_ours) {
        let path = owned.path.display();
        let refusal = Refusal::new(
            Code::OwnedByPackage,
            "liftgate is installed as a package",
            "have the package manager update or remove it: `apt remove liftgate`, `dnf remove liftgate`",
        );
        return Err(refusal
            .because(format!("`{path}` belongs to the package {OWN_PACKAGE}"))
            .into());
    }
    let (code, hint) = match (in_the_way.is_empty(), owned.first(), arguments.replace) {
        (true, None, _) | (false, None, true) => return Ok(()),
        (false, None, false) => (
            Code::NamesTaken,
            "--replace keeps these files aside until `liftgate uninstall`".to_owned(),
        ),
        (_, Some(owned), is_replacing) => (
            if is_replacing {
                Code::OwnedByPackage
            } else {
                Code::NamesTaken
            },
            format!(
                "install liftgate's .deb or .rpm, which takes the package's place, or remove the package first: `apt remove {0}`, `dnf remove {0}`",
                owned.package
            ),
        ),
    };
    let files = count(in_the_way.len().max(owned.len()), "file", "files");
    let mut refusal = Refusal::new(
        code,
        format!("{files} that liftgate would put here are there already, and are others'"),
        hint,
    );
    let others = owned.iter().map(|owned| &*owned.path);
    let mut paths: Vec<&Path> = in_the_way.iter().copied().chain(others).collect();
    paths.sort_unstable();
    paths.dedup();
    for path in paths {
        let packages = owned.iter().filter(|owned| owned.path == path);
        let packages: Vec<&str> = packages.map(|owned| &*owned.package).collect();
        let whose = if packages.is_empty() {
            "is no link to liftgate".to_owned()
        } else {
            format!("belongs to the package {}", packages.join(", "))
        };
        refusal = refusal.because(format!("`{}` {whose}", path.display()));
    }
    Err(refusal.into())
}
