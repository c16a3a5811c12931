//! Which stages others use, which of them somebody runs, and which the last one needs.

use super::{Build, Origin, Stage};

impl<'a> Build<'a> {
    /// Which stages another is built on, copies from or mounts.
    pub(super) fn uses(&self) -> Vec<bool> {
        let mut used = vec![false; self.stages.len()];
        for later in &self.stages {
            if let Origin::Stage(index) = later.origin {
                used[index] = true;
            }
            for named in self.copied_from(later) {
                used[named.index] = true;
            }
        }
        used
    }

    /// The stage whose `FROM` names the image that is run, when nobody names a stage.
    pub fn base_that_runs(&self) -> Option<&Stage<'a>> {
        self.last().map(|last| self.root(last))
    }

    /// Whether a later stage is built on this one, copies from it or mounts it.
    pub fn is_used(&self, stage: &Stage<'a>) -> bool {
        self.used.get(stage.index).copied().unwrap_or(false)
    }

    /// Whether a stage is part of an image that somebody runs: the last one, one that no other uses, and what these are
    /// built on. What is only copied from is not.
    pub fn is_shipped(&self, stage: &Stage<'a>) -> bool {
        self.shipped.get(stage.index).copied().unwrap_or(false)
    }

    /// Whether a stage is none that is built when nobody names one: neither the last one, nor used by another.
    pub fn is_idle(&self, stage: &Stage<'a>) -> bool {
        stage.index + 1 < self.stages.len() && !self.is_used(stage)
    }

    /// Whether the build of the last stage needs a stage.
    pub fn is_reached(&self, stage: &Stage<'a>) -> bool {
        self.reached.get(stage.index).copied().unwrap_or_default()
    }

    /// What no other stage uses is an image of its own, if somebody names it as the target.
    pub(super) fn all_shipped(&self) -> Vec<bool> {
        let mut shipped = vec![false; self.stages.len()];
        for stage in &self.stages {
            if stage.index + 1 == self.stages.len() || !self.is_used(stage) {
                for part in self.lineage(stage) {
                    shipped[part.index] = true;
                }
            }
        }
        shipped
    }

    pub(super) fn all_reached(&self) -> Vec<bool> {
        let mut reached = vec![false; self.stages.len()];
        if let Some(last) = reached.last_mut() {
            *last = true;
        }
        // What a stage needs stands before it.
        for later in self.stages.iter().rev() {
            if !reached[later.index] {
                continue;
            }
            if let Origin::Stage(index) = later.origin {
                reached[index] = true;
            }
            for named in self.copied_from(later) {
                reached[named.index] = true;
            }
        }
        reached
    }

    /// The stages that a stage copies from or mounts.
    fn copied_from<'b>(&'b self, stage: &'b Stage<'a>) -> impl Iterator<Item = &'b Stage<'a>> {
        stage
            .steps
            .iter()
            .flat_map(|step| &step.instruction.flags)
            .filter_map(move |flag| {
                let value = flag.value.as_ref()?.value.as_str();
                let name = match flag.name.as_str() {
                    "from" => value,
                    "mount" => value
                        .split(',')
                        .find_map(|part| part.strip_prefix("from="))?,
                    _ => return None,
                };
                self.stage_named(name, stage.index)
            })
    }
}
