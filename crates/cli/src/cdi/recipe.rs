//! Everything that was said about how a specification is to be: enough to make it anew.
//!
//! What was not said stays unsaid. A hook program that was found, or a driver root that came from `config.toml`,
//! is found again each time, for it may have moved.

use liftgate_driver::{Capabilities, Extra, Places, PlatformKind, UnknownCapability};
use liftgate_plan::{Content, HookPart, HookStyle, NameStrategy, usual_capabilities};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What a specification is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mode {
    Auto,
    Nvml,
    Wsl,
    Csv,
    Management,
    Gds,
    Mofed,
    Gdrcopy,
    Nvswitch,
    Imex,
}

impl Mode {
    /// Every mode, in the order in which they are listed to people.
    pub(crate) const ALL: [Self; 10] = [
        Self::Auto,
        Self::Nvml,
        Self::Wsl,
        Self::Csv,
        Self::Management,
        Self::Gds,
        Self::Mofed,
        Self::Gdrcopy,
        Self::Nvswitch,
        Self::Imex,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Nvml => "nvml",
            Self::Wsl => "wsl",
            Self::Csv => "csv",
            Self::Management => "management",
            Self::Gds => "gds",
            Self::Mofed => "mofed",
            Self::Gdrcopy => "gdrcopy",
            Self::Nvswitch => "nvswitch",
            Self::Imex => "imex",
        }
    }

    /// The mode of that name, in capitals or not. `imex-channel` is what the class of its devices is called.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        match &*name {
            "imex-channel" => Some(Self::Imex),
            name => Self::ALL.into_iter().find(|mode| mode.name() == name),
        }
    }

    /// The extra that the mode is about, if it is about one.
    pub(crate) fn extra(self) -> Option<Extra> {
        Extra::ALL
            .into_iter()
            .find(|extra| extra.name() == self.name())
    }

    /// The platform that the mode insists on.
    const fn platform(self) -> Option<PlatformKind> {
        match self {
            Self::Nvml => Some(PlatformKind::Nvidia),
            Self::Wsl => Some(PlatformKind::Wsl),
            Self::Csv => Some(PlatformKind::Tegra),
            _ => None,
        }
    }
}

/// Hooks that are left out, as they were named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Disabled {
    All,
    Part(HookPart),
}

/// How a specification is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub(crate) struct Recipe {
    pub(crate) mode: Mode,
    pub(crate) vendor: String,
    pub(crate) class: String,
    pub(crate) names: Vec<NameStrategy>,
    pub(crate) devices: Vec<String>,
    pub(crate) has_all: bool,
    /// The `config.toml` that names the driver root where nobody else does, if it is not the usual one.
    pub(crate) configuration: Option<PathBuf>,
    pub(crate) driver_root: Option<PathBuf>,
    pub(crate) device_root: Option<PathBuf>,
    pub(crate) library_search_paths: Vec<PathBuf>,
    pub(crate) configuration_search_paths: Vec<PathBuf>,
    /// The lists of a Jetson; empty: the usual ones.
    pub(crate) csv_files: Vec<PathBuf>,
    pub(crate) csv_ignored: Vec<String>,
    pub(crate) csv_compat_root: Option<PathBuf>,
    pub(crate) hook_program: Option<PathBuf>,
    /// `None`: what fits the program.
    pub(crate) hook_style: Option<HookStyle>,
    pub(crate) ldconfig: Option<PathBuf>,
    pub(crate) disabled_hooks: Vec<HookPart>,
    pub(crate) has_sockets: bool,
    pub(crate) explicit_libraries: bool,
    pub(crate) additional_groups: bool,
    pub(crate) capabilities: Capabilities,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            mode: Mode::Auto,
            vendor: "nvidia.com".to_owned(),
            class: "gpu".to_owned(),
            names: vec![NameStrategy::Index, NameStrategy::Uuid],
            devices: vec!["all".to_owned()],
            has_all: true,
            configuration: None,
            driver_root: None,
            device_root: None,
            library_search_paths: Vec::new(),
            configuration_search_paths: Vec::new(),
            csv_files: Vec::new(),
            csv_ignored: Vec::new(),
            csv_compat_root: None,
            hook_program: None,
            hook_style: None,
            ldconfig: None,
            disabled_hooks: Vec::new(),
            has_sockets: true,
            explicit_libraries: false,
            additional_groups: true,
            capabilities: usual_capabilities(),
        }
    }
}

impl Recipe {
    /// Where the host is read from, if `configured_root` is what `config.toml` names.
    pub(crate) fn places(&self, configured_root: Option<&Path>) -> Places {
        let root = self.driver_root.as_deref().or(configured_root);
        let mut places = Places::host(root);
        places.platform = self.mode.platform();
        places
            .library_search_paths
            .clone_from(&self.library_search_paths);
        places
            .configuration_search_paths
            .clone_from(&self.configuration_search_paths);
        places.explicit_libraries = self.explicit_libraries;
        places.csv_ignored.clone_from(&self.csv_ignored);
        if !self.csv_files.is_empty() {
            places.csv_files.clone_from(&self.csv_files);
        }
        // A driver container mostly uses the host's nodes; some have their own.
        let has_nodes = |root: &Path| root.join("dev/nvidiactl").exists();
        match (&self.device_root, root) {
            (Some(root), _) => places.with_device_root(root),
            (None, Some(root)) if has_nodes(root) => places.with_device_root(root),
            (None, _) => places,
        }
    }

    /// What the specification is to hold.
    pub(crate) fn content(&self) -> Content {
        match (self.mode, self.mode.extra()) {
            (_, Some(extra)) => Content::Extra(extra),
            (Mode::Management, _) => Content::Management,
            (Mode::Imex, _) => Content::ImexChannels(self.devices.clone()),
            _ => Content::Gpus(self.devices.clone()),
        }
    }

    /// Leaves out the hooks of `disabled` that are not in `enabled`.
    pub(crate) fn disable_hooks(&mut self, disabled: &[Disabled], enabled: &[HookPart]) {
        let is_disabled = |part: &HookPart| {
            disabled
                .iter()
                .any(|named| *named == Disabled::All || *named == Disabled::Part(*part))
        };
        self.disabled_hooks = HookPart::ALL
            .into_iter()
            .filter(|part| is_disabled(part) && !enabled.contains(part))
            .collect();
    }
}

/// A word of a command line that means something in here.
pub(crate) trait Wording: Sized {
    /// Reads the word, or says what there is instead.
    fn read(word: &str) -> Result<Self, String>;
}

impl Wording for Mode {
    fn read(word: &str) -> Result<Self, String> {
        Self::from_name(word).ok_or_else(|| {
            format!(
                "there is no such mode; there are {}",
                Self::ALL.map(Self::name).join(", ")
            )
        })
    }
}

impl Wording for NameStrategy {
    fn read(word: &str) -> Result<Self, String> {
        match word {
            "index" => Ok(Self::Index),
            "uuid" => Ok(Self::Uuid),
            "type-index" => Ok(Self::TypeIndex),
            _ => Err("devices are named by index, uuid or type-index".to_owned()),
        }
    }
}

impl Wording for HookPart {
    fn read(word: &str) -> Result<Self, String> {
        Self::from_name(word).ok_or_else(|| {
            format!(
                "there is no such hook; there are {}",
                Self::ALL.map(Self::name).join(", ")
            )
        })
    }
}

impl Wording for Disabled {
    fn read(word: &str) -> Result<Self, String> {
        match word {
            "all" => Ok(Self::All),
            word => HookPart::read(word).map(Self::Part),
        }
    }
}

impl Wording for Capabilities {
    fn read(word: &str) -> Result<Self, String> {
        match word {
            "all" => Ok(Self::all()),
            word => word
                .parse()
                .map(|capability| Self::of(&[capability]))
                .map_err(|error: UnknownCapability| format!("{error}; there are {}", Self::all())),
        }
    }
}

/// The path from the root, so that it means the same wherever the specification is made anew.
pub(crate) fn absolute(text: &str) -> Result<PathBuf, String> {
    std::path::absolute(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_by_name() {
        for mode in Mode::ALL {
            assert_eq!(Mode::from_name(mode.name()), Some(mode));
            assert_eq!(
                serde_json::to_string(&mode).unwrap(),
                format!("\"{}\"", mode.name())
            );
        }
        assert_eq!(Mode::from_name("NVML"), Some(Mode::Nvml));
        assert_eq!(Mode::from_name("imex-channel"), Some(Mode::Imex));
        assert_eq!(Mode::from_name(""), None);
        assert_eq!(Mode::from_name("tegra"), None);
        assert_eq!(Mode::Gds.extra(), Some(Extra::Gds));
        assert_eq!(Mode::Auto.extra(), None);
    }

    #[test]
    fn nodes_are_the_hosts_unless_the_driver_root_has_some() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        let mut recipe = Recipe::default();
        assert_eq!(recipe.places(Some(root)).dev, Path::new("/dev"));
        assert_eq!(
            recipe.places(Some(root)).configured_root.as_deref(),
            Some(root)
        );
        std::fs::create_dir(root.join("dev")).unwrap();
        std::fs::write(root.join("dev/nvidiactl"), "").unwrap();
        assert_eq!(recipe.places(Some(root)).dev, root.join("dev"));
        assert_eq!(recipe.places(None).dev, Path::new("/dev"));
        recipe.device_root = Some("/".into());
        assert_eq!(recipe.places(Some(root)).dev, Path::new("/dev"));
        recipe.driver_root = Some("/elsewhere".into());
        let places = recipe.places(Some(root));
        assert_eq!(
            places.configured_root.as_deref(),
            Some(Path::new("/elsewhere"))
        );
    }

    #[test]
    fn enabled_hooks_win() {
        let mut recipe = Recipe::default();
        recipe.disable_hooks(&[Disabled::All], &[HookPart::UpdateLdcache]);
        assert_eq!(recipe.disabled_hooks.len(), HookPart::ALL.len() - 1);
        assert!(!recipe.disabled_hooks.contains(&HookPart::UpdateLdcache));
        recipe.disable_hooks(&[Disabled::Part(HookPart::CreateSymlinks)], &[]);
        assert_eq!(recipe.disabled_hooks, [HookPart::CreateSymlinks]);
        recipe.disable_hooks(&[], &[HookPart::CreateSymlinks]);
        assert_eq!(recipe.disabled_hooks, []);
    }
}
