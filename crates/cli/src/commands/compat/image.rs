//! An image: whether there is such a tag, and whether its CUDA runs.

use super::answer::{Answer, Certainty, Outcome};
use super::cuda::{label, on_gpu};
use super::target::Target;
use liftgate_cuda::image::{Gone, Judgement, Parts, Reference, TagVerdict, UnknownTag};

/// Beginnings of names of images that have nothing of CUDA in them.
const PLAIN: &[&str] = &[
    "python",
    "ubuntu",
    "debian",
    "almalinux",
    "rockylinux",
    "fedora",
    "centos",
    "redhat/ubi",
    "continuumio/miniconda3",
    "condaforge/",
];

/// An image: whether it can be pulled, and whether its CUDA runs.
pub(super) fn image(name: &str, target: &Target) -> Answer {
    let Some(reference) = Reference::parse(name) else {
        return other_image(name);
    };
    let judgement = reference.judge();
    let mut answer = Answer::about(name);
    answer.is_known_by(judgement.mark);
    tag(&judgement, &reference, &mut answer);
    if answer.outcome == Outcome::DoesNotRun {
        return answer;
    }
    let cuda = judgement.parts.as_ref().and_then(Parts::cuda);
    let Some(cuda) = cuda else {
        answer.becomes(
            Outcome::Perhaps,
            "cannot be judged: its name does not say which CUDA it has",
        );
        return answer;
    };
    let judged = target.each_gpu().into_iter().map(|gpu| {
        let mut answer = Answer {
            reasons: answer.reasons.clone(),
            hint: answer.hint.clone(),
            ..Answer::about(name)
        };
        answer.certainty = Certainty::from(judgement.mark);
        if answer_unknown(&judgement) {
            answer.becomes(
                Outcome::Perhaps,
                "may not exist: newer than the tags that are known",
            );
        }
        on_gpu(cuda, target.driver.as_ref(), gpu, true, &mut answer);
        (label(gpu), answer)
    });
    let answers: Vec<(String, Answer)> = judged.collect();
    Answer::of_each(answers).unwrap_or(answer)
}

fn answer_unknown(judgement: &Judgement) -> bool {
    judgement.verdict == TagVerdict::Unknown(UnknownTag::TooNew)
}

fn other_image(name: &str) -> Answer {
    let mut answer = Answer::about(name);
    let bare = name.strip_prefix("docker.io/").unwrap_or(name);
    let bare = bare.strip_prefix("library/").unwrap_or(bare);
    if PLAIN.iter().any(|start| bare.starts_with(start)) {
        "runs: it has no CUDA of its own to be too new".clone_into(&mut answer.verdict);
        answer.because("the driver's libraries come with the container's start, and wheels of Python bring their CUDA along");
    } else {
        answer.becomes(Outcome::Perhaps, "cannot be judged by its name");
        answer.because("only the tags of nvidia/cuda are known");
        answer.hint("ask about the CUDA version in it: --toolkit 12.4");
    }
    answer
}

/// Whether there is such a tag.
fn tag(judgement: &Judgement, reference: &Reference<'_>, answer: &mut Answer) {
    match &judgement.verdict {
        TagVerdict::Exists => {}
        TagVerdict::Superseded { by } => {
            answer.because(format!(
                "the tag is superseded by {by}, and may be deleted six months after that came"
            ));
        }
        TagVerdict::Gone(gone) => {
            let why = match gone {
                Gone::Repository => format!("{} is no longer built", reference.repository.name()),
                Gone::Delisted => {
                    "NVIDIA's list of the tags that still exist no longer has it".to_owned()
                }
                Gone::Policy => "NVIDIA has deleted the tags of CUDA before 11.0.3".to_owned(),
                Gone::Announced => "NVIDIA has announced its deletion, for May 2024".to_owned(),
            };
            answer.becomes(Outcome::DoesNotRun, "cannot be pulled: the tag is gone");
            answer.because(why);
        }
        TagVerdict::NeverExisted { problems } => {
            answer.becomes(
                Outcome::DoesNotRun,
                "cannot be pulled: there is no such tag",
            );
            for problem in problems {
                answer.because(problem.to_string());
            }
        }
        TagVerdict::Untagged { .. } => {
            answer.becomes(
                Outcome::DoesNotRun,
                "cannot be pulled: NVIDIA has no tag `latest`",
            );
            answer.because(
                "a name without a tag means `latest`, and `docker pull` says \"manifest unknown\"",
            );
        }
        TagVerdict::Unknown(UnknownTag::Digest) => {
            answer.because("a digest names it, so its tag was not looked at");
        }
        TagVerdict::Unknown(UnknownTag::TooNew) => {
            answer.because("the tag is newer than the lists of tags that are known");
        }
        TagVerdict::Unknown(UnknownTag::Kept) => {
            answer.because("its repository is no longer built; what there was is still there");
        }
    }
    let name = |tag| reference.with_tag(tag);
    if answer.outcome == Outcome::DoesNotRun
        && let Some(suggestion) = judgement.suggestion
    {
        let other = judgement
            .alternative
            .map(|tag| format!(", or {}", name(tag)))
            .unwrap_or_default();
        // What is gone under one name is there under the other.
        let right = format!("nvidia/cuda:{suggestion}");
        let right = if reference.repository.is_dead() {
            right
        } else {
            name(suggestion)
        };
        answer.hint(format!("the nearest is {right}{other}"));
    }
}
