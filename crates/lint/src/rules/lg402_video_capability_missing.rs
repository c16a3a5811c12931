use crate::context::Context;
use crate::model::{At, Build, Stage};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::{Body, Kind, Span};

declare_rule! {
    /// the image encodes or decodes video, and does not ask for that part of the driver
    ///
    /// ## What it does
    /// Finds images that build or install something for NVENC and NVDEC (`ffmpeg` with `--enable-nvenc` or `--enable-cuvid`, `nv-codec-headers`,
    /// `PyNvVideoCodec`, `nvidia-dali`), and whose `NVIDIA_DRIVER_CAPABILITIES` has neither `video` nor `all`.
    ///
    /// ## Why
    /// The encoder and the decoder are the driver's part `video`, which CUDA images do not ask for: `Cannot load libnvidia-encode.so.1`,
    /// `Cannot load libnvcuvid.so.1`.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// COPY ffmpeg /src
    /// RUN cd /src && ./configure --enable-nvenc --enable-cuvid && make install
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// COPY ffmpeg /src
    /// RUN cd /src && ./configure --enable-nvenc --enable-cuvid && make install
    /// ENV NVIDIA_DRIVER_CAPABILITIES=compute,video,utility
    /// ```
    ///
    /// ## Sources
    /// styler00dollar/VSGAN-tensorrt-docker#42, NVIDIA/nvidia-docker#1530.
    VideoCapabilityMissing, "LG402", "video-capability-missing", Warning, Medium
}

impl Rule for VideoCapabilityMissing {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn dockerfile(&self, build: &Build<'_>, context: &mut Context<'_>) {
        let Some(last) = build.last() else { return };
        // An image that asks for nothing gets `compute,utility`; of one that is not known nothing is known.
        let asks = build.asks_for(last, "video");
        let asks_nothing = build.provided(last).is_known()
            && build
                .final_environment(last, "NVIDIA_DRIVER_CAPABILITIES")
                .is_none();
        if asks != Some(false) && !asks_nothing {
            return;
        }
        let own = build
            .lineage(last)
            .find_map(|stage| build.steps_of(stage).find_map(|at| for_video(&at)));
        let Some((span, what)) = own.or_else(|| copied(build, last)) else {
            return;
        };
        let finding = context.report(
            &Self::META,
            span,
            format!("{what} needs the driver's part `video`, which the image does not ask for"),
        );
        let value = build.capabilities(last);
        match value.as_ref().and_then(|value| value.span) {
            Some(at) => finding.related(at, "it asks for these"),
            None => finding.related(
                build.root(last).image_span,
                value.as_ref().map_or_else(
                    || "its base image asks for nothing".to_owned(),
                    |value| format!("its base image asks for `{}`", value.text),
                ),
            ),
        };
        finding.hint(format!(
            "set `ENV NVIDIA_DRIVER_CAPABILITIES={},video`",
            value.map_or_else(|| "compute,utility".to_owned(), |value| value.text)
        ));
    }
}

/// What is built for video in a stage from which the last one copies FFmpeg, and where it is copied.
fn copied(build: &Build<'_>, last: &Stage<'_>) -> Option<(Span, String)> {
    build
        .lineage(last)
        .flat_map(|stage| build.steps_of(stage))
        .find_map(|at| {
            let Body::Files { sources, .. } = &at.step.instruction.body else {
                return None;
            };
            let from = at.step.instruction.flag("from")?.value.as_ref()?;
            let source = sources
                .iter()
                .find(|source| source.value.contains("ffmpeg"))?;
            let other = build.stage_named(&from.value, at.stage.index)?;
            let (_, what) = build
                .lineage(other)
                .find_map(|stage| build.steps_of(stage).find_map(|at| for_video(&at)))?;
            Some((source.span, format!("FFmpeg with {what}")))
        })
}

/// What in a step is for video, and where.
fn for_video(at: &At<'_>) -> Option<(Span, String)> {
    if at.step.instruction.kind != Kind::Run {
        return None;
    }
    for (_, install) in &at.step.pip {
        let requirement = install.requirements.iter().find(|requirement| {
            requirement.name == "pynvvideocodec" || requirement.name.starts_with("nvidia-dali")
        });
        if let Some(requirement) = requirement {
            return Some((requirement.span, format!("`{}`", requirement.name)));
        }
    }
    at.step.commands.iter().find_map(|command| {
        let word = command.arguments().iter().find(|word| {
            ["--enable-nvenc", "--enable-nvdec", "--enable-cuvid"].contains(&word.value.as_str())
        })?;
        Some((word.span, format!("`{}`", word.value)))
    })
}
