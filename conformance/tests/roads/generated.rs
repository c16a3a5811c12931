//! The road of a specification: what the generator writes, and what the engine makes of it.

use crate::engine::Specification;
use crate::facts::code_in;
use crate::request::Request;
use crate::road::Way;
use libtest_mimic::Failed;
use liftgate_conformance::Site;
use liftgate_conformance::suite::fail;
use liftgate_testhost::Machine;
use serde_json::Value;
use std::sync::PoisonError;

impl Way {
    /// Does what an engine does. `Err` is the code of a refusal: of the generator, or of the engine, which knows no
    /// such device.
    pub(crate) fn inject(
        &self,
        request: &Request,
        config: &mut Value,
        machine: &Machine,
    ) -> Result<Result<(), String>, Failed> {
        let names = request.names.as_ref().or(request.ids.as_ref());
        let names = names.map_or("", String::as_str);
        let mut kinds = vec![("auto", names)];
        if !request.channels.is_empty() {
            kinds.push(("imex", request.channels));
        }
        for (mode, names) in kinds {
            let mut options = vec!["--mode", mode];
            let capabilities = request.capability_names().join(",");
            if mode == "auto" {
                options.extend(["--driver-capabilities", &capabilities]);
            }
            if names == "none" {
                options.extend(["--device-id", names]);
            }
            let specification = match self.generate(request, &options)? {
                Ok(specification) => specification,
                Err(code) => return Ok(Err(code)),
            };
            let mut known: Vec<&str> = Vec::new();
            for name in names.split(',') {
                if !known.contains(&name) {
                    known.push(name);
                }
            }
            if specification.inject(&known, config, machine).is_err() {
                // Engines know nothing of our codes, and say that there is no such device.
                let code = match mode {
                    "auto" => "device-unknown",
                    _ => "imex-channel-unknown",
                };
                return Ok(Err(code.to_owned()));
            }
        }
        Ok(Ok(()))
    }

    fn generate(
        &self,
        request: &Request,
        options: &[&str],
    ) -> Result<Result<Specification, String>, Failed> {
        let Request {
            machine, prelude, ..
        } = request;
        let key = (format!("{machine} {prelude}"), options.join(" "));
        let mut generated = self
            .generated
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = generated.get(&key) {
            return Ok(known.clone());
        }
        let programs = &self.ground.programs;
        let output = Site::new(programs, machine, &self.ground.state)
            .enter(self.ground.directory.path(), "/bin/sh")
            .args(["-c", &format!("{prelude}\nexec \"$@\""), "sh"])
            .arg(&programs.liftgate)
            .args(["cdi", "generate", "--format", "json", "--no-record"])
            .args(options)
            .output()?;
        let result = if output.status.success() {
            Ok(Specification(serde_json::from_slice(&output.stdout)?))
        } else {
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            Err(code_in(&words).ok_or_else(|| fail(words.clone()))?)
        };
        generated.insert(key, result.clone());
        Ok(result)
    }
}
