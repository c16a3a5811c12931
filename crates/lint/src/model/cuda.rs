//! NVIDIA's CUDA images, wherever they are named.

use super::build::{Build, Origin, Stage};
use super::environment::Certainty;
use crate::context::Context;
use crate::finding::{Confidence, Finding, Fix, Severity};
use crate::rule::Meta;
use liftgate_cuda::image::{Flavour, Judgement, Os, Reference, Repository, Tag, TagVerdict};
use liftgate_cuda::Cuda;
use liftgate_dockerfile::{Body, Span};

/// A place that names one of NVIDIA's CUDA images: a `FROM`, a service, a dev container, a command line.
#[derive(Debug)]
pub struct CudaFrom<'b> {
    /// The name as it is written, with its variables put in.
    pub text: &'b str,
    /// The name, taken apart.
    pub reference: Reference<'b>,
    /// What is known of it.
    pub judgement: Judgement,
    /// How sure the name is.
    pub certainty: Certainty,
    /// Where it is named.
    pub span: Span,
    /// Where a fix may write another name, and what goes around it there.
    pub written: Option<(Span, &'static str)>,
    /// What is known of the build that it is named in.
    pub place: Option<InBuild<'b>>,
}

/// Where in a Dockerfile an image is named.
#[derive(Debug, Clone, Copy)]
pub struct InBuild<'b> {
    build: &'b Build<'b>,
    /// Its word in the `FROM`, with its variables; `None`: it is named elsewhere.
    word: Option<&'b str>,
    /// Whether nothing uses the stage, which is not the last one either.
    is_unused: bool,
}

/// The CUDA image that a stage is built on, maybe by way of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CudaBase {
    /// Its name.
    pub text: String,
    /// Its toolkit's version.
    pub cuda: Cuda,
    /// What it is for.
    pub flavour: Option<Flavour>,
    /// What it is made on.
    pub os: Option<Os>,
    /// Whether it has cuDNN.
    pub has_cudnn: bool,
    /// Its tag, where that is whole and right.
    pub tag: Option<Tag>,
    /// Its tag, or the nearest one that is right.
    pub nearest: Option<Tag>,
    /// How sure all of this is.
    pub certainty: Certainty,
}

impl<'b> CudaFrom<'b> {
    /// The CUDA image of this name, if it is one.
    pub fn of(text: &'b str, certainty: Certainty, span: Span, written: Option<(Span, &'static str)>) -> Option<Self> {
        let reference = Reference::parse(text)?;
        Some(Self {
            text,
            reference,
            judgement: reference.judge(),
            certainty,
            span,
            written,
            place: None,
        })
    }

    /// Reports something about it: less surely where a default says its name, less bad where nothing uses it.
    pub fn report<'c>(&self, rule: &'static Meta, sentence: String, context: &'c mut Context<'_>) -> &'c mut Finding {
        let finding = context.report(rule, self.span, sentence);
        if self.certainty == Certainty::Default {
            finding.at_most(Confidence::Medium);
        }
        let Some(place) = self.place else { return finding };
        if let Some(word) = place.word {
            for (name, span) in place.build.defaults_of(word) {
                finding.related(span, format!("the default of `{name}`"));
            }
        }
        if place.is_unused {
            finding.because("nothing uses this stage: it is built only where somebody names it as the target");
            finding.severity = finding.severity.min(Severity::Warning);
        }
        finding
    }

    /// Names the nearest right tag, and offers to write it.
    pub fn suggest(&self, is_safe: bool, finding: &mut Finding) {
        let Some(suggestion) = self.judgement.suggestion else {
            finding.hint("choose a tag of https://hub.docker.com/r/nvidia/cuda/tags");
            return;
        };
        let whole = match self.reference.repository {
            Repository::Cuda => self.reference.with_tag(suggestion),
            _ => format!("nvidia/cuda:{suggestion}"),
        };
        let mut hint = format!("use `{whole}`");
        if let Some(alternative) = self.judgement.alternative {
            hint = format!("{hint}, or `{}`", self.reference.with_tag(alternative));
        }
        if self.certainty == Certainty::Default {
            hint.push_str(", by way of the variable's default");
        }
        finding.hint(hint);
        if let Some((span, around)) = self.written {
            let title = format!("use `{whole}`");
            let fix = if is_safe { Fix::safe(title) } else { Fix::unsafe_(title) };
            finding.fix(fix.replace(span, format!("{around}{whole}{around}")));
        } else if let Some(InBuild { build, word: Some(word), .. }) = self.place
            && let Some(other) = build.other_default(word, &whole)
        {
            let title = format!("use `{whole}`, by way of the default of `{}`", other.name);
            let fix = if is_safe && other.is_for_images { Fix::safe(title) } else { Fix::unsafe_(title) };
            finding.fix(fix.replace(other.span, other.value));
        }
    }
}

impl CudaBase {
    /// The `devel` image of the same version.
    pub fn devel(&self) -> String {
        match self.nearest {
            Some(tag) => {
                let devel = Tag {
                    flavour: Flavour::Devel,
                    ..tag
                };
                format!("nvidia/cuda:{devel}")
            }
            None => "nvidia/cuda:…-devel-…".to_owned(),
        }
    }
}

impl<'a> Build<'a> {
    /// The CUDA image that the `FROM` of a stage names, if its name is known.
    pub fn cuda_from<'b>(&'b self, stage: &'b Stage<'a>) -> Option<CudaFrom<'b>> {
        let Origin::Image { text, certainty, .. } = &stage.origin else {
            return None;
        };
        if *certainty == Certainty::Unknown {
            return None;
        }
        let written = self.literal_image(stage).map(|span| (span, ""));
        let mut from = CudaFrom::of(text, *certainty, stage.image_span, written)?;
        let word = match &stage.from.body {
            Body::From { image, .. } => Some(image.value.as_str()),
            _ => None,
        };
        from.place = Some(InBuild {
            build: self,
            word,
            is_unused: self.is_idle(stage),
        });
        Some(from)
    }

    /// The CUDA images that are pulled for a stage: that of its `FROM`, and those that it copies from or mounts.
    pub fn cuda_images<'b>(&'b self, stage: &'b Stage<'a>) -> Vec<CudaFrom<'b>> {
        let mut images: Vec<CudaFrom<'b>> = self.cuda_from(stage).into_iter().collect();
        for step in &stage.steps {
            let instruction = step.instruction;
            let named = instruction.flag("from").and_then(|flag| flag.value.as_ref()).map(|word| (word.value.as_str(), word.span));
            let mounts = instruction.flags("mount").filter_map(|flag| flag.value.as_ref());
            let mounted = mounts.filter_map(|word| {
                let name = word.value.split(',').find_map(|part| part.strip_prefix("from="))?;
                let at = word.span.of(self.file.text).find(name)?;
                Some((name, Span::new(word.span.start + at, word.span.start + at + name.len())))
            });
            for (name, span) in named.into_iter().chain(mounted) {
                if self.stage_named(name, stage.index).is_some() {
                    continue;
                }
                let written = (span.of(self.file.text) == name).then_some((span, ""));
                images.extend(CudaFrom::of(name, Certainty::Written, span, written));
            }
        }
        images
    }

    /// The CUDA image at the root of a stage's lineage, if its version is known.
    pub fn cuda_base(&self, stage: &Stage<'a>) -> Option<CudaBase> {
        let root = self.root(stage);
        let from = self.cuda_from(root)?;
        let parts = from.judgement.parts?;
        Some(CudaBase {
            text: from.text.to_owned(),
            cuda: parts.cuda()?,
            flavour: parts.flavour,
            os: parts.meant_os(),
            has_cudnn: parts.cudnn.is_some(),
            tag: from.judgement.tag,
            nearest: from.judgement.tag.or(from.judgement.suggestion),
            certainty: from.certainty,
        })
    }

    /// Whether the name of a stage's CUDA image is one that can be pulled, as far as is known.
    pub fn is_pullable(&self, stage: &Stage<'a>) -> bool {
        self.cuda_from(stage).is_some_and(|from| {
            matches!(from.judgement.verdict, TagVerdict::Exists | TagVerdict::Superseded { .. })
        })
    }
}
