use crate::count::count;
use crate::error::CliError;
use crate::install::{
    Fate, Layout, Machine, Manifest, OWN_PACKAGE, Owned, PACKAGE_MANIFEST, Plan, Programs, Removal,
    Scope, Step, Why, after_install, aside, carry_out, is_configuration, manifest_path, owners,
    read_manifest, remove, run_calls,
};
use crate::ui::Ui;
use clap::Args;
use liftgate_plan::{Code, Refusal};
use liftgate_sys::{Root, SysError};
use std::io::{BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};

/// Install liftgate on this machine, under the names of NVIDIA's toolkit, too
///
/// The executables are those beside this one. What is put where is shown first, and kept in a manifest
/// (PREFIX/share/liftgate/manifest), by which `liftgate uninstall` takes it away again. A second run writes
/// nothing. Files of NVIDIA's toolkit are not touched, unless --replace says so.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(super) place: Place,

    /// Keep others' files aside that have the names, until `liftgate uninstall` brings them back
    #[arg(long)]
    replace: bool,

    /// Neither enable nor start the systemd units
    #[arg(long)]
    no_enable: bool,
}

/// Where, and how sure of it.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// Below which directory executables, manual pages and completions go
    #[arg(long, value_name = "DIR", default_value = "/usr")]
    pub(super) prefix: PathBuf,

    /// A tree that stands for the root of the machine: nothing outside of it is touched, and no daemon is told
    #[arg(long, value_name = "DIR")]
    pub(super) destdir: Option<PathBuf>,

    /// Only show what would be done
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Do it without asking
    #[arg(long, short)]
    pub(super) yes: bool,

    /// Leave out what a package has itself: for the scripts of packages
    #[arg(long, hide = true, conflicts_with_all = ["destdir", "prefix"])]
    pub(super) for_package: bool,
}

impl Place {
    pub(super) const fn scope(&self) -> Scope {
        if self.for_package {
            Scope::Package
        } else {
            Scope::Whole
        }
    }

    pub(super) fn manifest(&self) -> PathBuf {
        match self.scope() {
            Scope::Whole => manifest_path(&self.prefix),
            Scope::Package => PACKAGE_MANIFEST.into(),
        }
    }

    /// Whether it is this machine that is changed, and not a tree.
    pub(super) const fn is_machine(&self) -> bool {
        self.destdir.is_none()
    }

    /// The root of what is changed.
    pub(super) fn root(&self) -> Result<Root, CliError> {
        self.check_prefix()?;
        let Some(directory) = &self.destdir else {
            return Root::open(Path::new("/")).map_err(|error| unreadable(&error));
        };
        let real = std::fs::canonicalize(directory).map_err(|error| CliError::Failed {
            sentence: format!("cannot open `{}`: {error}", directory.display()),
            hint: "make the directory first".to_owned(),
        })?;
        Root::open(&real).map_err(|error| unreadable(&error))
    }

    /// Units and the manifest name paths below it in words that are parted by blanks.
    fn check_prefix(&self) -> Result<(), CliError> {
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._+-".contains(byte);
        let is_fit = self.prefix.is_absolute()
            && self
                .prefix
                .as_os_str()
                .as_encoded_bytes()
                .iter()
                .all(is_plain)
            && !self
                .prefix
                .components()
                .any(|part| part.as_os_str() == "..");
        if is_fit {
            return Ok(());
        }
        Err(CliError::Usage {
            sentence: format!("`{}` cannot be a prefix", self.prefix.display()),
            hint: "give an absolute path of letters, digits and the characters . _ + -".to_owned(),
        })
    }

    /// Asks, unless that was answered before.
    pub(super) fn agree(&self, ui: &mut Ui) -> Result<bool, CliError> {
        if self.yes {
            return Ok(true);
        }
        let stdin = std::io::stdin();
        if !stdin.is_terminal() {
            return Err(CliError::Usage {
                sentence: "nobody is there to be asked".to_owned(),
                hint: "say --yes to have it done, or --dry-run to have it shown only".to_owned(),
            });
        }
        ui.question("Go on? [y/N]")?;
        let mut answer = String::new();
        stdin.lock().read_line(&mut answer)?;
        let is_agreed = matches!(answer.trim(), "y" | "Y" | "yes");
        if !is_agreed {
            ui.note("Nothing was changed.");
        }
        Ok(is_agreed)
    }
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    let place = &arguments.place;
    let root = place.root()?;
    let manifest_path = place.manifest();
    let mut old = read_manifest(&root, &manifest_path)?;
    // A package's units are enabled once: after that it is the administrator's affair which of them run.
    let is_first = place.scope() == Scope::Whole || old.is_none();
    let unpackaged = match place.scope() {
        Scope::Whole => None,
        Scope::Package => read_manifest(&root, &unpackaged_manifest())?,
    };
    if let Some(unpackaged) = &unpackaged
        && old.is_none()
    {
        old = Some(unpackaged.configuration());
    }
    let programs = match place.scope() {
        Scope::Whole => programs()?,
        Scope::Package => Programs::default(),
    };
    let machine = Machine::of(&root).map_err(|error| unreadable(&error))?;
    let layout = Layout::new(&place.prefix, place.scope(), programs, &machine);
    let tmpfiles = Layout::tmpfiles(&place.prefix);
    let plan = Plan::make(&root, layout, old.as_ref(), &manifest_path)
        .map_err(|error| unreadable(&error))?;
    refuse_others(&plan, old.as_ref(), arguments)?;

    let version = env!("CARGO_PKG_VERSION");
    let shown = place.prefix.display();
    if plan.is_settled() {
        // The units are the package's, and may be others than before.
        if place.scope() == Scope::Package && !place.dry_run {
            run_calls(&after_install(false, &tmpfiles), ui);
        }
        ui.note(format!(
            "liftgate {version} is installed in {shown}: nothing to do."
        ));
        return Ok(());
    }
    show(&plan, ui);
    if place.dry_run {
        ui.note("Nothing was changed (--dry-run).");
        return Ok(());
    }
    if !place.agree(ui)? {
        return Ok(());
    }
    let then = |ui: &mut Ui| {
        if place.is_machine() {
            run_calls(
                &after_install(!arguments.no_enable && is_first, &tmpfiles),
                ui,
            );
        }
    };
    carry_out(&root, &plan, || then(ui)).map_err(|error| CliError::Failed {
        sentence: format!("cannot install: {error}"),
        hint: if error.is_not_permitted() {
            "run as root; what was begun is completed by the next run"
        } else {
            "a second run completes it, `liftgate uninstall` takes it away; another --prefix may be writable"
        }
        .to_owned(),
    })?;
    if place.scope() == Scope::Package {
        return unpackaged.map_or(Ok(()), |unpackaged| hand_over(&root, unpackaged, ui));
    }
    ui.note(format!("liftgate {version} is installed in {shown}."));
    if place.is_machine() {
        ui.detail(
            "next",
            "`liftgate setup` makes it known to the engines of this machine",
        );
    }
    Ok(())
}

/// The executables that this one was unpacked, or built, with.
fn programs() -> Result<Programs, CliError> {
    let own = std::env::current_exe()?;
    let read = |path: &Path| {
        std::fs::read(path).map_err(|error| CliError::Failed {
            sentence: format!("cannot read `{}`: {error}", path.display()),
            hint: "run the `liftgate` that lies beside `liftgate-rt`, as unpacked or built"
                .to_owned(),
        })
    };
    Ok(Programs {
        rt: read(&own.with_file_name("liftgate-rt"))?,
        liftgate: read(&own.with_file_name("liftgate"))?,
    })
}

/// Refuses to touch what is others'.
fn refuse_others(
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

fn show(plan: &Plan, ui: &mut Ui) {
    let lines: Vec<(String, String)> = plan
        .steps
        .iter()
        .map(|step| match step {
            Step::SetAside(path) => (path.display().to_string(), "kept aside".to_owned()),
            Step::Put(item, why) => {
                let why = match why {
                    Why::New => "new",
                    Why::Renewed => "renewed",
                    Why::Edited => "was edited; replaced",
                };
                let path = item.path.display();
                let path = item
                    .target()
                    .map_or_else(|| path.to_string(), |target| format!("{path} → {target}"));
                (path, why.to_owned())
            }
            Step::Remove(path) => (path.display().to_string(), "not needed any more".to_owned()),
        })
        .collect();
    ui.table("Files", &lines);
    if plan.is_resumed {
        ui.note("The last run did not come to its end; this one completes it.");
    }
}

/// Where `liftgate install` writes down what it puts where packages have their files.
fn unpackaged_manifest() -> PathBuf {
    manifest_path(Path::new("/usr"))
}

/// What `liftgate install` had put where the package has its own now is the package's; the rest of it goes.
fn hand_over(root: &Root, mut unpackaged: Manifest, ui: &mut Ui) -> Result<(), CliError> {
    unpackaged
        .entries
        .retain(|(path, _)| !is_configuration(path));
    let paths: Vec<&Path> = unpackaged.entries.iter().map(|(path, _)| &**path).collect();
    let owned = owners(&paths);
    if !owned.iter().any(|owned| owned.package == OWN_PACKAGE) {
        // The package manager does not answer while it works; nothing is removed on a guess.
        ui.warning(format!(
            "`{}` lists what `liftgate install` had put here before this package",
            unpackaged_manifest().display()
        ));
        return Ok(());
    }
    let is_owned = |path: &Path| owned.iter().any(|owned| owned.path == path);
    let removal = Removal::make(root, unpackaged, &unpackaged_manifest(), is_owned)
        .map_err(|error| unreadable(&error))?;
    remove(root, &removal).map_err(|error| CliError::Failed {
        sentence: format!("cannot take away what the package does not have: {error}"),
        hint: "`liftgate uninstall` does it".to_owned(),
    })?;
    ui.note("What `liftgate install` had put into /usr is the package's now.");
    for (path, fate) in &removal.fates {
        if *fate == Fate::KeptAside {
            let path = aside(path);
            ui.note(format!(
                "`{}` stays: liftgate had replaced it",
                path.display()
            ));
        }
    }
    Ok(())
}

pub(super) fn unreadable(error: &SysError) -> CliError {
    CliError::Failed {
        sentence: format!("cannot look at what is there: {error}"),
        hint: "nothing was changed".to_owned(),
    }
}
