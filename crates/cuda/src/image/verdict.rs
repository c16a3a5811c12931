//! Whether there is such an image.

use super::os::Os;
use super::parts::Parts;
use super::problem::Problem;
use super::reference::{Reference, Repository};
use super::suggestion;
use super::tag::{CudnnSpelling, Flavour, Tag};
use crate::mark::Mark;
use crate::release::{Cuda, Release};
use crate::tables::image_tags::{COMPLETE_TO, Listing, ROWS, Row};
use crate::tables::toolkits;

/// Whether there is such an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagVerdict {
    /// It is there.
    Exists,
    /// It is there, or was until lately; a newer patch of the same minor took its place, and six months after that
    /// NVIDIA may delete it.
    Superseded {
        /// The newest one: same operating system, same flavour, same cuDNN.
        by: Tag,
    },
    /// It was there, and has been deleted or was announced to be.
    Gone(Gone),
    /// There was never such a tag.
    NeverExisted {
        /// Why: at least one, the weightiest first.
        problems: Vec<Problem>,
    },
    /// No tag, or `latest`: NVIDIA has no such tag, and `docker pull` says "manifest unknown".
    Untagged {
        /// Whether `latest` is written there.
        is_written: bool,
    },
    /// Nothing can be said.
    Unknown(UnknownTag),
}

/// How we know that a tag is gone, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// The repository is no longer built: `nvidia/cudagl`.
    Repository,
    /// NVIDIA's list of tags that still exist no longer has it.
    Delisted,
    /// Older than anything that the policy keeps: before 11.0.3.
    Policy,
    /// NVIDIA has announced the deletion, for May 2024; nobody has looked whether it happened.
    Announced,
}

impl Gone {
    /// Whether a pull fails for certain, as far as documents can tell.
    pub fn is_certain(self) -> bool {
        self != Self::Announced
    }
}

/// Why nothing can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownTag {
    /// A digest names it, and engines do not look at the tag then.
    Digest,
    /// It is newer than the tables are complete, and in none of them.
    TooNew,
    /// Its repository is no longer built, but its images are still there (`nvidia/opengl:1.2-glvnd-devel-ubuntu22.04`).
    Kept,
}

/// What is known of an image's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Whether there is such an image.
    pub verdict: TagVerdict,
    /// How well that is known.
    pub mark: Mark,
    /// The tag, if it is whole and right: also where it is superseded or gone.
    pub tag: Option<Tag>,
    /// The words of the tag, right or not.
    pub parts: Option<Parts>,
    /// The nearest right tag: same operating system, flavour and cuDNN, the highest patch of the same minor, else the
    /// next minor of the same major. Where the operating system has none of that major, the same minor on another.
    /// `None` where the verdict is `Exists` or `Unknown`.
    pub suggestion: Option<Tag>,
    /// Where `suggestion` had to change the operating system, the nearest on the one that was asked for; where it had
    /// to change the minor, the same minor on another operating system.
    pub alternative: Option<Tag>,
}

/// CUDA before this was never made in today's scheme.
const FIRST_WHOLE: Release = Release::new(11, 0, 3);
/// The deletion of the releases up to this one was announced (`manifests/cuda.yaml`: May 2024).
const LAST_ANNOUNCED: Release = Release::new(11, 3, 1);

/// Whether a row's images are gone.
pub(super) fn is_gone(row: &Row) -> bool {
    row.listing == Listing::Delisted || row.release <= LAST_ANNOUNCED
}

impl Reference<'_> {
    /// Whether there is such an image; what is meant; what to write instead.
    ///
    /// For a copy in another [registry](super::Registry::Other) the verdict is that of the original.
    pub fn judge(&self) -> Judgement {
        let parts = self.tag.filter(|tag| *tag != "latest").map(Parts::of);
        let (verdict, mark, tag) = self.verdict(parts.as_ref());
        let is_right = matches!(verdict, TagVerdict::Exists | TagVerdict::Unknown(_));
        let (suggestion, alternative) = match &verdict {
            _ if is_right => (None, None),
            TagVerdict::Superseded { by } => (Some(*by), None),
            _ => suggestion::nearest(parts.as_ref()),
        };
        Judgement {
            verdict,
            mark,
            tag,
            parts,
            suggestion,
            alternative,
        }
    }

    fn verdict(&self, parts: Option<&Parts>) -> (TagVerdict, Mark, Option<Tag>) {
        if self.repository == Repository::OpenGl {
            return (
                TagVerdict::Unknown(UnknownTag::Kept),
                Mark::Secondary,
                None,
            );
        }
        if self.repository.is_dead() {
            return (TagVerdict::Gone(Gone::Repository), Mark::Verified, None);
        }
        if self.digest.is_some() {
            return (
                TagVerdict::Unknown(UnknownTag::Digest),
                Mark::Verified,
                None,
            );
        }
        let Some(parts) = parts else {
            let is_written = self.tag.is_some();
            return (TagVerdict::Untagged { is_written }, Mark::Verified, None);
        };
        // Tags of old schemes, in all their shapes.
        let is_old = match (parts.release(), parts.cuda()) {
            (Some(release), _) => release < FIRST_WHOLE,
            (None, Some(cuda)) => cuda <= Cuda::new(11, 0),
            (None, None) => parts.major().is_some_and(|major| major < 11),
        };
        if is_old {
            return (TagVerdict::Gone(Gone::Policy), Mark::Verified, None);
        }
        let problems = Problem::of_words(parts);
        if is_tensorrt(parts, &problems) {
            return (TagVerdict::Exists, Mark::Verified, None);
        }
        let never = |problems| (TagVerdict::NeverExisted { problems }, Mark::Verified, None);
        let (Some(release), Some(flavour), Some(os), true) = (
            parts.release(),
            parts.flavour,
            parts.meant_os(),
            problems.is_empty(),
        ) else {
            return match parts.cuda().and_then(of_no_toolkit) {
                Some(problem) => never([problem].into_iter().chain(problems).collect()),
                None => never(problems),
            };
        };
        let row = row_of(release, os);
        match row {
            Some(row) => of_row(row, parts.cudnn.as_deref(), flavour, os),
            None => match of_no_row(release, os) {
                Some(problem) => never(vec![problem]),
                None => (
                    TagVerdict::Unknown(UnknownTag::TooNew),
                    Mark::Verified,
                    None,
                ),
            },
        }
    }
}

/// The three numbers and the operating system decide, but for cuDNN.
fn row_of(release: Release, os: Os) -> Option<&'static Row> {
    ROWS.iter().find(|row| {
        row.release == release && (row.with_cudnn.contains(&os) || row.without_cudnn.contains(&os))
    })
}

fn of_row(
    row: &'static Row,
    cudnn: Option<&str>,
    flavour: Flavour,
    os: Os,
) -> (TagVerdict, Mark, Option<Tag>) {
    let release = row.release;
    let never = |problem| {
        (
            TagVerdict::NeverExisted {
                problems: vec![problem],
            },
            row.mark,
            None,
        )
    };
    if let Some(written) = cudnn {
        if !row.with_cudnn.contains(&os) {
            return if row.listing == Listing::Later && !row.mark.is_firm() {
                (TagVerdict::Unknown(UnknownTag::TooNew), row.mark, None)
            } else {
                never(Problem::NoCudnn { release, os })
            };
        }
        if CudnnSpelling::of(written) != Some(row.spelling) {
            return never(Problem::CudnnSpelling {
                written: written.to_owned(),
                right: row.spelling,
            });
        }
    }
    let tag = Tag {
        release,
        cudnn: cudnn.map(|_| row.spelling),
        flavour,
        os,
    };
    let (verdict, mark) = if row.listing == Listing::Delisted {
        (TagVerdict::Gone(Gone::Delisted), row.mark)
    } else if release <= LAST_ANNOUNCED {
        (TagVerdict::Gone(Gone::Announced), row.mark)
    } else if let Some((by, mark)) =
        suggestion::newest_patch(&tag).filter(|(by, _)| by.release > release)
    {
        (TagVerdict::Superseded { by }, mark.max(row.mark))
    } else {
        (TagVerdict::Exists, row.mark)
    };
    (verdict, mark, Some(tag))
}

/// Why there is no row; `None`: it may have come since.
fn of_no_row(release: Release, os: Os) -> Option<Problem> {
    if let Some(problem) = of_no_toolkit(release.cuda()) {
        return Some(problem);
    }
    let is_of_minor = |row: &&Row| row.release.cuda() == release.cuda();
    let exists = ROWS.iter().any(|row| row.release == release);
    // The lists are complete, but for patches of minors that still get some.
    let newest = ROWS.iter().filter(is_of_minor).map(|row| row.release).max();
    let is_maintained = release.cuda() >= Cuda::new(12, 8);
    if !exists && newest.is_some_and(|newest| release < newest || !is_maintained) {
        return Some(Problem::NoImageOf(release));
    }
    let not_on_os = Problem::NotOnOs { release, os };
    if exists && release <= COMPLETE_TO && !is_later(release) {
        return Some(not_on_os);
    }
    // An operating system that was given up before, or taken up only later.
    let mut on_os = ROWS
        .iter()
        .filter(|row| row.with_cudnn.contains(&os) || row.without_cudnn.contains(&os));
    let first = on_os.next().map(|row| row.release);
    let last = on_os.next_back().map(|row| row.release);
    let is_ended = last.is_some_and(|last| last.cuda() < release.cuda() && last <= COMPLETE_TO);
    let is_not_yet = first.is_some_and(|first| release.cuda() < first.cuda());
    (is_ended || is_not_yet).then_some(not_on_os)
}

/// Whether a release of an old minor came after the lists.
fn is_later(release: Release) -> bool {
    let mut rows = ROWS.iter().filter(|row| row.release == release);
    rows.any(|row| row.listing == Listing::Later)
}

/// No toolkit of that minor, and there will be none.
fn of_no_toolkit(cuda: Cuda) -> Option<Problem> {
    let known = |row: &toolkits::Row| row.release.cuda() == cuda;
    let newest = toolkits::ROWS.last().map(|row| row.release.cuda());
    // Of a major before the newest one no further minors come.
    let is_past = newest.is_some_and(|newest| cuda < newest);
    (is_past && !toolkits::ROWS.iter().any(known)).then_some(Problem::NoToolkit(cuda))
}

/// Two tags of a kind of which there are no others: `13.0.0-tensorrt-devel-ubuntu24.04`, and `runtime`.
fn is_tensorrt(parts: &Parts, problems: &[Problem]) -> bool {
    parts.others == ["tensorrt"]
        && problems.len() == 1
        && parts.cudnn.is_none()
        && parts.release() == Some(Release::new(13, 0, 0))
        && parts.meant_os() == Some(Os::Ubuntu2404)
        && parts.flavour != Some(Flavour::Base)
}
