//! The value of `docker run --gpus`, read as the docker command reads it.
//!
//! It is one line of CSV: `all`, `2`, `"device=0,2",capabilities=utility`. Docker turns it into the same
//! two environment variables that a user of `--runtime=nvidia` sets by hand.

use crate::request::shortened;

/// What `--gpus` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DockerGpus {
    /// The value of `NVIDIA_VISIBLE_DEVICES` that Docker makes of it.
    pub visible_devices: String,
    /// The value of `NVIDIA_DRIVER_CAPABILITIES`, where capabilities were named.
    pub driver_capabilities: Option<String>,
}

/// The value cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DockerGpusError {
    /// A quotation mark is not where CSV has it.
    #[error("quotation marks in `--gpus {0}` do not match")]
    Quotes(String),
    /// A count that is no number.
    #[error("`{0}` is neither `all` nor a number of GPUs")]
    Count(String),
    /// Both a number and names.
    #[error("a number of GPUs and `device=` exclude each other")]
    CountAndDevices,
    /// A key that Docker does not know.
    #[error("`--gpus` has no key `{0}`")]
    Key(String),
    /// A key given twice.
    #[error("`--gpus` has the key `{0}` twice")]
    Twice(String),
}

impl DockerGpus {
    /// Reads the value.
    pub fn parse(value: &str) -> Result<Self, DockerGpusError> {
        let mut count: Option<String> = None;
        let mut devices: Option<String> = None;
        let mut capabilities: Option<String> = None;
        for field in fields(value)? {
            let (key, value) = match field.split_once('=') {
                Some((key, value)) => (key.to_owned(), value.to_owned()),
                None => ("count".to_owned(), field),
            };
            let place = match key.as_str() {
                "count" => &mut count,
                "device" => &mut devices,
                "capabilities" => &mut capabilities,
                "driver" | "options" => continue,
                _ => return Err(DockerGpusError::Key(shortened(&key))),
            };
            if place.replace(value).is_some() {
                return Err(DockerGpusError::Twice(shortened(&key)));
            }
        }
        let visible_devices = match (count, devices) {
            (Some(_), Some(_)) => return Err(DockerGpusError::CountAndDevices),
            (None, Some(devices)) => devices,
            // Docker takes one GPU when neither a number nor names are given.
            (None, None) => first(1),
            (Some(count), None) if count == "all" || count == "-1" => "all".to_owned(),
            (Some(count), None) => match count.parse::<u32>() {
                Ok(0) => "void".to_owned(),
                Ok(number) if number <= 1024 => first(number),
                _ => return Err(DockerGpusError::Count(shortened(&count))),
            },
        };
        Ok(Self {
            visible_devices,
            driver_capabilities: capabilities.and_then(|capabilities| {
                // `gpu` and `nvidia` name the kind of device, not a part of the driver.
                let named: Vec<&str> = capabilities
                    .split(',')
                    .filter(|name| !matches!(*name, "" | "gpu" | "nvidia"))
                    .collect();
                (!named.is_empty()).then(|| named.join(","))
            }),
        })
    }
}

fn first(number: u32) -> String {
    (0..number)
        .map(|index| index.to_string())
        .collect::<Vec<_>>()
        .join(",")
}

/// Splits one line of CSV.
fn fields(line: &str) -> Result<Vec<String>, DockerGpusError> {
    let fail = || DockerGpusError::Quotes(shortened(line));
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (field, after) = quoted.split_once('"').ok_or_else(fail)?;
            fields.push(field.to_owned());
            match after.strip_prefix(',') {
                Some(next) => rest = next,
                None if after.is_empty() => return Ok(fields),
                None => return Err(fail()),
            }
        } else {
            let (field, after) = match rest.split_once(',') {
                Some((field, after)) => (field, Some(after)),
                None => (rest, None),
            };
            if field.contains('"') {
                return Err(fail());
            }
            if !field.is_empty() {
                fields.push(field.to_owned());
            }
            match after {
                Some(next) => rest = next,
                None => return Ok(fields),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> Result<(String, Option<String>), DockerGpusError> {
        DockerGpus::parse(value).map(|gpus| (gpus.visible_devices, gpus.driver_capabilities))
    }

    #[test]
    fn the_forms_of_the_docker_manual() {
        assert_eq!(parse("all"), Ok(("all".into(), None)));
        assert_eq!(parse("2"), Ok(("0,1".into(), None)));
        assert_eq!(parse("0"), Ok(("void".into(), None)));
        assert_eq!(
            parse("device=GPU-3a23c669"),
            Ok(("GPU-3a23c669".into(), None))
        );
        assert_eq!(parse("\"device=0,2\""), Ok(("0,2".into(), None)));
        assert_eq!(
            parse("\"device=0,2\",\"capabilities=utility,compute\""),
            Ok(("0,2".into(), Some("utility,compute".into())))
        );
        assert_eq!(
            parse("all,capabilities=utility"),
            Ok(("all".into(), Some("utility".into())))
        );
        assert_eq!(parse("all,capabilities=gpu"), Ok(("all".into(), None)));
        assert_eq!(
            parse("capabilities=utility"),
            Ok(("0".into(), Some("utility".into())))
        );
    }

    #[test]
    fn what_docker_refuses() {
        // Without the quotation marks the second id is a field of its own: the classic mistake.
        assert_eq!(parse("device=0,2"), Err(DockerGpusError::CountAndDevices));
        assert!(parse("many").is_err());
        assert!(parse("\"device=0").is_err());
        assert!(parse("al\"l").is_err());
        assert!(parse("colour=red").is_err());
        assert!(parse("device=0,device=1").is_err());
        assert!(parse("4294967295").is_err());
    }
}
