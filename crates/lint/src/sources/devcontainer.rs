//! `devcontainer.json`, as far as GPUs are concerned.
//!
//! It is JSON with comments and trailing commas. What decides about GPUs:
//!
//! - `hostRequirements.gpu`. Where it is true in the eyes of JavaScript (`"yes"` and `1` are), the reference implementation asks
//!   `docker info -f '{{.Runtimes.nvidia}}'` for the word `nvidia-container-runtime`. Is it there, a container gets `--gpus all`, a
//!   compose file a reservation with nothing but `capabilities: [gpu]`; is it not, the container starts without, with the warning `No
//!   GPU support found yet a GPU was required - consider marking it as "optional"`, or with `"optional"` without one. A Docker that
//!   has its GPUs by CDI alone has no such runtime (devcontainers/cli at f683c29, src/spec-node/utils.ts, singleContainer.ts).
//! - `runArgs`: only what is started from an image or a Dockerfile gets them, a compose file does not.

use std::borrow::Cow;

use jsonc_parser::ast::{Object, Value as Json};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use liftgate_dockerfile::Span;

/// The longest file that is read: a real one has a few kilobytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// A dev container.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DevContainer<'t> {
    /// `image`.
    pub image: Option<Text<'t>>,
    /// `build.dockerfile`, or `dockerFile`, which is its old place.
    pub dockerfile: Option<Text<'t>>,
    /// `build.context`, or `context`.
    pub context: Option<Text<'t>>,
    /// `build.target`.
    pub target: Option<Text<'t>>,
    /// `build.args`.
    pub build_args: Vec<Pair<'t>>,
    /// `build.options`: words of `docker build`.
    pub build_options: Vec<Text<'t>>,
    /// `dockerComposeFile`: one or several.
    pub compose_files: Vec<Text<'t>>,
    /// `service`.
    pub service: Option<Text<'t>>,
    /// `runArgs`: words of `docker run`.
    pub run_args: Vec<Text<'t>>,
    /// The key `runArgs`.
    pub run_args_key: Option<Span>,
    /// `hostRequirements.gpu`.
    pub gpu: Option<Gpu>,
    /// The keys of `hostRequirements.gpu`, where it is an object.
    pub gpu_keys: Vec<Text<'t>>,
    /// `containerEnv`: variables of the container.
    pub container_env: Vec<Pair<'t>>,
    /// `remoteEnv`: variables of what the editor starts in it.
    pub remote_env: Vec<Pair<'t>>,
    /// `features`: their names, with their options.
    pub features: Vec<Feature<'t>>,
    /// `mounts`, where they are texts.
    pub mounts: Vec<Text<'t>>,
    /// `privileged`.
    pub privileged: Option<(bool, Span)>,
    /// `capAdd`.
    pub cap_add: Vec<Text<'t>>,
    /// `securityOpt`.
    pub security_opt: Vec<Text<'t>>,
    /// `postCreateCommand` and the other commands: which, and the text for a shell.
    pub commands: Vec<(Text<'t>, Text<'t>)>,
}

/// A text, and where it is written, with its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text<'t> {
    /// What it means, without quotes and escapes. Variables (`${localEnv:HOME}`) are as they are written.
    pub text: Cow<'t, str>,
    /// Where.
    pub span: Span,
}

/// A name with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair<'t> {
    /// The name.
    pub name: Text<'t>,
    /// The value: a text, or a number or a switch as it is written. `null` is none.
    pub value: Option<Text<'t>>,
}

/// A feature that is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feature<'t> {
    /// Its name: `ghcr.io/devcontainers/features/nvidia-cuda:1`.
    pub name: Text<'t>,
    /// Its options. A text in their place is its version.
    pub options: Vec<Pair<'t>>,
}

/// `hostRequirements.gpu`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gpu {
    /// Where the value stands.
    pub span: Span,
    /// What it says.
    pub wish: GpuWish,
}

/// What `hostRequirements.gpu` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GpuWish {
    /// `true`, or an object with `cores` and `memory`.
    Required,
    /// `"optional"`.
    Optional,
    /// `false`.
    No,
    /// Anything else. What JavaScript takes for true is `true` to the tools.
    Invalid,
}

/// Why a text is no `devcontainer.json`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DevContainerError {
    /// Where.
    pub span: Span,
    /// One sentence: lower case, no full stop.
    pub message: String,
}

impl<'t> DevContainer<'t> {
    /// Reads a text.
    pub fn read(text: &'t str) -> Result<Self, DevContainerError> {
        let error = |span, message: &str| DevContainerError {
            span,
            message: message.to_owned(),
        };
        if text.len() > MAX_BYTES {
            let length = text.len();
            let message = format!("{length} bytes are more than the {MAX_BYTES} that are read");
            return Err(error(Span::at(0), &message));
        }
        // What the editors' reader takes, and no more: comments and trailing commas.
        let options = ParseOptions {
            allow_comments: true,
            allow_trailing_commas: true,
            allow_loose_object_property_names: false,
            allow_missing_commas: false,
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        };
        let parsed = parse_to_ast(text, &CollectOptions::default(), &options).map_err(|it| {
            error(
                within(text, it.range().start, it.range().end),
                &it.kind().to_string(),
            )
        })?;
        match parsed.value {
            Some(Json::Object(object)) => Ok(Reader { text }.container(&object)),
            Some(other) => {
                let range = other.range();
                Err(error(
                    within(text, range.start, range.end),
                    "no JSON object",
                ))
            }
            None => Err(error(Span::at(0), "nothing in it")),
        }
    }
}

/// A place on character boundaries, whatever the parser says of a broken text.
fn within(text: &str, start: usize, end: usize) -> Span {
    let boundary = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = boundary(start);
    Span::new(start, boundary(end).max(start))
}

#[derive(Clone, Copy)]
struct Reader<'t> {
    text: &'t str,
}

impl<'t> Reader<'t> {
    fn span(self, ranged: &impl Ranged) -> Span {
        let range = ranged.range();
        within(self.text, range.start, range.end)
    }

    fn container(self, object: &Object<'t>) -> DevContainer<'t> {
        let mut found = DevContainer::default();
        for property in &object.properties {
            let (name, value) = (property.name.as_str(), &property.value);
            match name {
                "image" => found.image = self.string(value),
                "dockerFile" => found.dockerfile = self.string(value),
                "context" => found.context = self.string(value),
                "dockerComposeFile" => found.compose_files = self.strings(value),
                "service" => found.service = self.string(value),
                "runArgs" => {
                    found.run_args = self.strings(value);
                    found.run_args_key = Some(self.span(&property.name));
                }
                "containerEnv" => found.container_env = self.pairs(value),
                "remoteEnv" => found.remote_env = self.pairs(value),
                "mounts" => found.mounts = self.strings(value),
                "capAdd" => found.cap_add = self.strings(value),
                "securityOpt" => found.security_opt = self.strings(value),
                "privileged" => {
                    let switch = value.as_boolean_lit().map(|it| it.value);
                    found.privileged = switch.map(|on| (on, self.span(value)));
                }
                "hostRequirements" => {
                    let gpu = value.as_object().and_then(|inner| last(inner, "gpu"));
                    found.gpu = gpu.map(|value| self.gpu(value));
                    let keys = gpu
                        .and_then(|value| value.as_object())
                        .map_or(&[][..], |it| &it.properties);
                    found.gpu_keys = keys.iter().map(|it| self.name(it)).collect();
                }
                "features" => {
                    let features = value.as_object().map_or(&[][..], |it| &it.properties);
                    found.features = features.iter().map(|it| self.feature(it)).collect();
                }
                _ if name.ends_with("Command") => {
                    let key = Text {
                        text: Cow::Owned(name.to_owned()),
                        span: self.span(&property.name),
                    };
                    let inner = value.as_object().map_or(&[][..], |it| &it.properties);
                    let commands = inner.iter().filter_map(|it| self.string(&it.value));
                    let commands = self.string(value).into_iter().chain(commands);
                    found.commands.extend(commands.map(|it| (key.clone(), it)));
                }
                _ => {}
            }
        }
        // The new place counts, wherever it stands.
        if let Some(Json::Object(build)) = last(object, "build") {
            let text = |name: &str| last(build, name).and_then(|value| self.string(value));
            found.dockerfile = text("dockerfile").or(found.dockerfile);
            found.context = text("context").or(found.context);
            found.target = text("target");
            found.build_args = last(build, "args").map_or_else(Vec::new, |it| self.pairs(it));
            found.build_options =
                last(build, "options").map_or_else(Vec::new, |it| self.strings(it));
        }
        found
    }

    fn string(self, value: &Json<'t>) -> Option<Text<'t>> {
        let string = value.as_string_lit()?;
        Some(Text {
            text: string.value.clone(),
            span: self.span(string),
        })
    }

    /// The texts of an array, or the one in place of one.
    fn strings(self, value: &Json<'t>) -> Vec<Text<'t>> {
        match value {
            Json::Array(array) => {
                let elements = array.elements.iter();
                elements
                    .filter_map(|element| self.string(element))
                    .collect()
            }
            other => self.string(other).into_iter().collect(),
        }
    }

    fn pairs(self, value: &Json<'t>) -> Vec<Pair<'t>> {
        let properties = value.as_object().map_or(&[][..], |it| &it.properties);
        let pair = |property: &jsonc_parser::ast::ObjectProp<'t>| Pair {
            name: self.name(property),
            value: match &property.value {
                Json::NullKeyword(_) | Json::Object(_) | Json::Array(_) => None,
                scalar => self.string(scalar).or_else(|| {
                    let span = self.span(scalar);
                    Some(Text {
                        text: Cow::Borrowed(span.of(self.text)),
                        span,
                    })
                }),
            },
        };
        properties.iter().map(pair).collect()
    }

    fn name(self, property: &jsonc_parser::ast::ObjectProp<'t>) -> Text<'t> {
        Text {
            text: Cow::Owned(property.name.as_str().to_owned()),
            span: self.span(&property.name),
        }
    }

    fn feature(self, property: &jsonc_parser::ast::ObjectProp<'t>) -> Feature<'t> {
        let name = self.name(property);
        let mut options = self.pairs(&property.value);
        if let Some(version) = self.string(&property.value) {
            options.push(Pair {
                name: Text {
                    text: Cow::Borrowed("version"),
                    span: version.span,
                },
                value: Some(version),
            });
        }
        Feature { name, options }
    }

    fn gpu(self, value: &Json<'t>) -> Gpu {
        let wish = match value {
            Json::BooleanLit(switch) if switch.value => GpuWish::Required,
            Json::BooleanLit(_) => GpuWish::No,
            Json::StringLit(text) if text.value == "optional" => GpuWish::Optional,
            Json::Object(_) => GpuWish::Required,
            _ => GpuWish::Invalid,
        };
        Gpu {
            span: self.span(value),
            wish,
        }
    }
}

/// The last property of a name, as with all readers of JSON.
fn last<'a, 't>(object: &'a Object<'t>, name: &str) -> Option<&'a Json<'t>> {
    let found = object
        .properties
        .iter()
        .rfind(|it| it.name.as_str() == name)?;
    Some(&found.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::{Duration, Instant};

    const ALL: &str = r#"// A comment
{
  "name": "gpu", /* another */
  "image": "mcr.microsoft.com/devcontainers/base:ubuntu",
  "dockerFile": "old.Dockerfile",
  "build": {"dockerfile": "Dockerfile", "context": "..", "args": {"CUDA": "12.8", "N": 3, "NONE": null}, "options": ["--pull"], "target": "dev"},
  "runArgs": ["--gpus", "all", "--shm-size=8g", "\u002d-ipc=host"],
  "hostRequirements": {"cpus": 4, "gpu": "optional"},
  "containerEnv": {"NVIDIA_VISIBLE_DEVICES": "all"},
  "remoteEnv": {"PATH": "${containerEnv:PATH}:/x", "UNSET": null},
  "features": {
    "ghcr.io/devcontainers/features/nvidia-cuda:1": {"cudaVersion": "12.8", "installCudnn": true},
    "ghcr.io/devcontainers/features/python:1": "3.12",
  },
  "postCreateCommand": "nvidia-smi",
  "onCreateCommand": {"a": "make", "b": ["x", "y"]},
  "privileged": false,
  "capAdd": ["SYS_PTRACE"],
  "mounts": ["source=a,target=/a", {"type": "bind"}],
}
"#;

    fn words(texts: &[Text<'_>]) -> Vec<String> {
        texts
            .iter()
            .map(|it| format!("{} {}", it.text, it.span.of(ALL)))
            .collect()
    }

    #[test]
    fn everything_is_seen() {
        let found = DevContainer::read(ALL).unwrap();
        assert_eq!(
            found.image.unwrap().span.of(ALL),
            "\"mcr.microsoft.com/devcontainers/base:ubuntu\""
        );
        assert_eq!(found.dockerfile.unwrap().text, "Dockerfile");
        assert_eq!(
            (found.context.unwrap().text, found.target.unwrap().text),
            ("..".into(), "dev".into())
        );
        assert_eq!(words(&found.build_options), ["--pull \"--pull\""]);
        assert_eq!(
            words(&found.run_args),
            [
                "--gpus \"--gpus\"",
                "all \"all\"",
                "--shm-size=8g \"--shm-size=8g\"",
                "--ipc=host \"\\u002d-ipc=host\""
            ]
        );
        assert_eq!(found.run_args_key.unwrap().of(ALL), "\"runArgs\"");
        let gpu = found.gpu.unwrap();
        assert_eq!(
            (gpu.wish, gpu.span.of(ALL)),
            (GpuWish::Optional, "\"optional\"")
        );
        let pairs = |pairs: &[Pair<'_>]| -> Vec<String> {
            let value = |pair: &Pair<'_>| pair.value.as_ref().map(|it| it.text.to_string());
            pairs
                .iter()
                .map(|pair| format!("{}={:?}", pair.name.text, value(pair)))
                .collect()
        };
        assert_eq!(
            pairs(&found.build_args),
            ["CUDA=Some(\"12.8\")", "N=Some(\"3\")", "NONE=None"]
        );
        assert_eq!(
            pairs(&found.container_env),
            ["NVIDIA_VISIBLE_DEVICES=Some(\"all\")"]
        );
        assert_eq!(found.remote_env.len(), 2);
        assert_eq!(
            found.features[0].name.text,
            "ghcr.io/devcontainers/features/nvidia-cuda:1"
        );
        assert_eq!(
            pairs(&found.features[0].options),
            ["cudaVersion=Some(\"12.8\")", "installCudnn=Some(\"true\")"]
        );
        assert_eq!(
            pairs(&found.features[1].options),
            ["version=Some(\"3.12\")"]
        );
        let commands: Vec<_> = found
            .commands
            .iter()
            .map(|(key, it)| format!("{} {}", key.text, it.text))
            .collect();
        assert_eq!(
            commands,
            ["postCreateCommand nvidia-smi", "onCreateCommand make"]
        );
        assert!(!found.privileged.unwrap().0);
        assert_eq!(
            (words(&found.cap_add).len(), words(&found.mounts).len()),
            (1, 1)
        );
    }

    #[test]
    fn wishes_for_gpus() {
        for (value, expected) in [
            ("true", GpuWish::Required),
            ("{\"cores\": 1000}", GpuWish::Required),
            ("false", GpuWish::No),
            ("\"optional\"", GpuWish::Optional),
            ("\"yes\"", GpuWish::Invalid),
            ("1", GpuWish::Invalid),
        ] {
            let text = format!(
                "{{\"hostRequirements\": {{\"gpu\": {value}}}, \"dockerComposeFile\": [\"a\", \"b\"]}}"
            );
            let found = DevContainer::read(&text).unwrap();
            let gpu = found.gpu.unwrap();
            assert_eq!((gpu.wish, gpu.span.of(&text)), (expected, value));
            assert_eq!(found.compose_files.len(), 2);
        }
        let old =
            DevContainer::read("{\"dockerFile\": \"a\", \"build\": {\"target\": \"b\"}}").unwrap();
        assert_eq!(
            (old.dockerfile.unwrap().text, old.target.unwrap().text),
            ("a".into(), "b".into())
        );
        let none =
            DevContainer::read("{\"dockerComposeFile\": \"a\", \"hostRequirements\": 1}").unwrap();
        assert_eq!((none.gpu, none.compose_files.len()), (None, 1));
    }

    #[test]
    fn what_is_none_says_where() {
        for (text, place) in [
            ("", ""),
            ("[1]", "[1]"),
            ("{\"a\": }", "}"),
            ("{a: 1}", "a"),
            ("{'a': 1}", "'a'"),
        ] {
            let error = DevContainer::read(text).unwrap_err();
            assert!(!error.message.is_empty());
            assert!(
                error
                    .span
                    .of(text)
                    .starts_with(place.get(..1).unwrap_or_default()),
                "{text}: {error:?}"
            );
        }
        let began = Instant::now();
        for text in [
            "[".repeat(100_000),
            "{\"a\":".repeat(100_000),
            " ".repeat(MAX_BYTES + 1),
        ] {
            assert!(DevContainer::read(&text).is_err());
        }
        let many = format!("{{{}}}", "\"build\": {},".repeat(50_000));
        assert!(DevContainer::read(&many).is_ok());
        assert!(began.elapsed() < Duration::from_secs(60));
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "(\\{\"(image|build|runArgs|features|hostRequirements)\": )?[\\[\\]{}\"\\\\,:/* \nau0é😀]{0,40}") {
            match DevContainer::read(&text) {
                Ok(found) => for word in found.run_args {
                    prop_assert!(!word.span.of(&text).is_empty());
                },
                Err(error) => {
                    prop_assert!(error.span.end <= text.len());
                    prop_assert!(text.is_char_boundary(error.span.start) && text.is_char_boundary(error.span.end));
                }
            }
        }
    }
}
