//! A request, in the words of every road.

use crate::road::Road;
use crate::wanted::Wanted;

/// One row of the table.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) machine: &'static str,
    pub(crate) name: String,
    /// `NVIDIA_VISIBLE_DEVICES`; `None` if it is not set.
    pub(crate) ids: Option<String>,
    /// The devices by names that a specification has, where the ids are none.
    pub(crate) names: Option<String>,
    /// `NVIDIA_DRIVER_CAPABILITIES`; `None` if it is not set.
    pub(crate) capabilities: Option<&'static str>,
    /// `NVIDIA_REQUIRE_…=EXPRESSION`.
    pub(crate) requires: Vec<String>,
    /// `NVIDIA_IMEX_CHANNELS`, empty if it is not set.
    pub(crate) channels: &'static str,
    /// Further variables.
    pub(crate) variables: Vec<&'static str>,
    /// The same as options.
    pub(crate) options: Vec<&'static str>,
    /// Paths below the directory of requests by mount.
    pub(crate) mounts: Vec<&'static str>,
    /// Where the user mounts a file of the host's.
    pub(crate) users_mount: Option<&'static str>,
    /// A file that the image has, too.
    pub(crate) file_of_image: Option<&'static str>,
    /// Shell text for what the machine is to look like.
    pub(crate) prelude: &'static str,
    /// Whether the bounding set holds `CAP_SYS_ADMIN`.
    pub(crate) is_privileged: bool,
    /// Whether the root file system is read-only.
    pub(crate) is_read_only: bool,
    /// `config.toml`: what stands at the top, and tables.
    pub(crate) configuration: [&'static str; 2],
    pub(crate) wanted: Wanted,
    /// Roads that it cannot go.
    not_by: Vec<(Road, &'static str)>,
}

/// There is nothing that the interface could be told.
const SAYS_NOTHING: &str = "who wants no GPU does not call it";
const SEPARATE: &str = "has no word for it";
const WHO_ASKS: &str = "who may ask in which way is decided before it is called";
const OF_THE_ENGINE: &str = "what is mounted over what is decided by the engine";
const CONTROL: &str = "a specification of GPUs has no device for it";

impl Request {
    /// All that is asked for are these ids.
    pub(crate) fn of(machine: &'static str, name: &str, ids: &str, wanted: Wanted) -> Self {
        let request = Self {
            machine,
            name: name.to_owned(),
            ids: Some(ids.to_owned()),
            names: None,
            capabilities: None,
            requires: Vec::new(),
            channels: "",
            variables: Vec::new(),
            options: Vec::new(),
            mounts: Vec::new(),
            users_mount: None,
            file_of_image: None,
            prelude: "",
            is_privileged: false,
            is_read_only: false,
            configuration: ["", ""],
            wanted,
            not_by: Vec::new(),
        };
        if matches!(request.wanted, Wanted::Nothing) {
            request.not(&[Road::Options, Road::Specification], SAYS_NOTHING)
        } else {
            request
        }
    }

    /// Nothing is asked for: the variable is not there.
    pub(crate) fn unset(machine: &'static str, name: &str) -> Self {
        Self {
            ids: None,
            ..Self::of(machine, name, "", Wanted::Nothing)
        }
    }

    pub(crate) fn wanting(self, wanted: Wanted) -> Self {
        Self { wanted, ..self }
    }

    pub(crate) fn by_names(self, names: &str) -> Self {
        Self {
            names: Some(names.to_owned()),
            ..self
        }
    }

    pub(crate) fn capabilities(self, capabilities: &'static str) -> Self {
        Self {
            capabilities: Some(capabilities),
            ..self
        }
    }

    /// It also requires `NAME=EXPRESSION`, the name without what all begin with.
    pub(crate) fn requires(mut self, requirement: &str) -> Self {
        self.requires.push(format!("NVIDIA_REQUIRE_{requirement}"));
        self
    }

    pub(crate) fn channels(self, channels: &'static str) -> Self {
        Self { channels, ..self }
    }

    /// A variable that says nothing to the other interfaces, or nothing that they need.
    pub(crate) fn variable(mut self, variable: &'static str) -> Self {
        self.variables.push(variable);
        self
    }

    /// A variable for devices beside GPUs, which other interfaces have no word for.
    pub(crate) fn beside(self, variable: &'static str) -> Self {
        self.variable(variable)
            .not(&[Road::Options, Road::Specification], SEPARATE)
    }

    /// Leave to configure or watch MIG devices.
    pub(crate) fn controls(self, variable: &'static str, option: &'static str) -> Self {
        let mut request = self.variable(variable).not(&[Road::Specification], CONTROL);
        request.options.push(option);
        request
    }

    pub(crate) fn privileged(self) -> Self {
        Self {
            is_privileged: true,
            ..self
        }
    }

    pub(crate) fn read_only(self) -> Self {
        Self {
            is_read_only: true,
            ..self
        }
    }

    /// What lies at the place of a driver's file stays. An engine that knows CDI has rules of its own for that.
    pub(crate) fn mounted_by_the_user(self, place: &'static str) -> Self {
        Self {
            users_mount: Some(place),
            ..self
        }
        .not(&[Road::Specification], OF_THE_ENGINE)
    }

    pub(crate) fn with_a_file_of_the_image(self, path: &'static str) -> Self {
        Self {
            file_of_image: Some(path),
            ..self
        }
        .not(&[Road::Specification], OF_THE_ENGINE)
    }

    pub(crate) fn on_a_machine_where(self, prelude: &'static str) -> Self {
        Self { prelude, ..self }
    }

    pub(crate) fn mounts(self, mounts: &[&'static str]) -> Self {
        Self {
            mounts: mounts.to_vec(),
            ..self
        }
        .who_asks()
    }

    pub(crate) fn configured(self, top: &'static str, tables: &'static str) -> Self {
        Self {
            configuration: [top, tables],
            ..self
        }
    }

    /// It hangs on who asks, which two of the roads are not told.
    pub(crate) fn who_asks(self) -> Self {
        self.not(&[Road::Options, Road::Specification], WHO_ASKS)
    }

    /// These roads it cannot go.
    pub(crate) fn not(mut self, roads: &[Road], reason: &'static str) -> Self {
        self.not_by.extend(roads.iter().map(|road| (*road, reason)));
        self
    }

    /// Why it cannot go this road.
    pub(crate) fn reason_against(&self, road: Road) -> Option<&'static str> {
        self.not_by
            .iter()
            .find(|(other, _)| *other == road)
            .map(|(_, reason)| *reason)
    }

    pub(crate) fn full_name(&self) -> String {
        format!("{}::{}", self.machine, self.name)
    }

    /// The container's environment.
    pub(crate) fn environment(&self) -> Vec<String> {
        let variable = |name: &str, value: Option<&str>| value.map(|text| format!("{name}={text}"));
        let mut environment: Vec<String> = [
            variable("NVIDIA_VISIBLE_DEVICES", self.ids.as_deref()),
            variable("NVIDIA_DRIVER_CAPABILITIES", self.capabilities),
            variable(
                "NVIDIA_IMEX_CHANNELS",
                Some(self.channels).filter(|channels| !channels.is_empty()),
            ),
        ]
        .into_iter()
        .flatten()
        .collect();
        environment.extend(self.requires.iter().cloned());
        environment.extend(self.variables.iter().map(|&variable| variable.to_owned()));
        environment
    }

    /// The capabilities, by name; what an image gets that does not say, where the variable is not set.
    pub(crate) fn capability_names(&self) -> Vec<&'static str> {
        const ALL: &str = "compute,utility,video,graphics,display,ngx,compat32";
        let asked = match self.capabilities.unwrap_or_default() {
            "" => "compute,utility",
            list if list.split(',').any(|name| name == "all") => ALL,
            list => list,
        };
        asked.split(',').map(str::trim).collect()
    }

    /// The options of `nvidia-container-cli configure`.
    pub(crate) fn configure_options(&self) -> Vec<String> {
        let ids = self.ids.as_deref().filter(|ids| *ids != "none");
        let mut options: Vec<String> = ids
            .map(|ids| format!("--device={ids}"))
            .into_iter()
            .collect();
        options.extend(
            self.capability_names()
                .iter()
                .map(|name| format!("--{name}")),
        );
        if !self.is_unchecked() {
            let expressions = self.requires.iter().filter_map(|text| text.split_once('='));
            options.extend(expressions.map(|(_, expression)| format!("--require={expression}")));
        }
        if !self.channels.is_empty() {
            options.push(format!("--imex-channel={}", self.channels));
        }
        options.extend(self.options.iter().map(|&option| option.to_owned()));
        options
    }

    /// Whether the container asks that no requirement be checked: then nobody passes one on.
    fn is_unchecked(&self) -> bool {
        self.variables.contains(&"NVIDIA_DISABLE_REQUIRE=1")
    }
}
