use crate::context::Context;
use crate::finding::Fix;
use crate::model::{At, Tool};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::shell::{ShellCommand, ShellWord};

declare_rule! {
    /// `nvcc -c` of several files, with one `-o`
    ///
    /// ## What it does
    /// Finds `nvcc -c` (also `-dc`, `-dw`, `-ptx`, `-cubin`, `-fatbin`) with `-o` and several inputs or a pattern of them, and an output that is a
    /// pattern itself.
    ///
    /// ## Why
    /// `-o` names one file. With several inputs nvcc ends with `fatal error: A single input file is required for a non-link phase when an
    /// outputfile is specified`; and `-o *.o` is a file of that name.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// RUN nvcc -c *.cu -o *.o
    /// ```
    ///
    /// ```dockerfile,fixed
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// RUN nvcc -c *.cu
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// RUN nvcc -c *.cu
    /// ```
    ///
    /// ## Fix safety
    /// Safe: without `-o`, each `x.cu` becomes `x.o` in the working directory, which is what was meant.
    ///
    /// ## Sources
    /// The CUDA compiler driver's manual, `--output-file`.
    NvccOneOutputForMany, "LG204", "nvcc-one-output-for-many", Error, High
}

/// Options with which nvcc does not link.
const PHASES: &[&str] = &[
    "-c",
    "--compile",
    "-dc",
    "--device-c",
    "-dw",
    "--device-w",
    "-ptx",
    "--ptx",
    "-cubin",
    "--cubin",
    "-fatbin",
    "--fatbin",
    "-E",
    "-cuda",
    "--cuda",
];

impl Rule for NvccOneOutputForMany {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn command(&self, at: At<'_>, command: &ShellCommand, context: &mut Context<'_>) {
        let arguments = command.arguments();
        if command.program().and_then(Tool::of) != Some(Tool::Nvcc)
            || !arguments
                .iter()
                .any(|word| PHASES.contains(&word.value.as_str()))
        {
            return;
        }
        let Some(place) = arguments
            .iter()
            .position(|word| matches!(word.value.as_str(), "-o" | "--output-file"))
        else {
            return;
        };
        let Some(output) = arguments.get(place + 1) else {
            return;
        };
        let is_input = |word: &&ShellWord| {
            let extension = word.value.rsplit_once('.').map(|(_, extension)| extension);
            !word.value.starts_with('-')
                && matches!(extension, Some("cu" | "cpp" | "cc" | "cxx" | "c"))
        };
        let inputs: Vec<&ShellWord> = arguments
            .iter()
            .enumerate()
            .filter(|(number, _)| *number != place + 1)
            .map(|(_, word)| word)
            .filter(is_input)
            .collect();
        let many = inputs.len() > 1 || inputs.iter().any(|word| word.pattern);
        if !many && !output.pattern {
            return;
        }
        let span = arguments[place].span.to(output.span);
        let sentence = if output.pattern {
            format!("`-o {}` names one file, of that very name", output.value)
        } else {
            format!(
                "`-o {}` names one file, and there are several inputs",
                output.value
            )
        };
        let finding = context.report(&Self::META, span, sentence);
        if let (Some(first), Some(last)) = (inputs.first(), inputs.last()) {
            finding.related(first.span.to(last.span), "the inputs");
        }
        finding
            .because("nvcc takes a single input file when it does not link and an output is named");
        finding.hint("leave `-o` out: each `x.cu` becomes `x.o`");
        // The blanks between the words before and the option go, too.
        let text = at.build.file.text;
        let before = text[..span.start].trim_end_matches([' ', '\t']).len();
        finding.fix(
            Fix::safe("remove `-o` and its file")
                .delete(liftgate_dockerfile::Span::new(before, span.end)),
        );
    }
}
