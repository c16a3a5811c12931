//! The nearest right tag.

use super::os::Os;
use super::parts::Parts;
use super::tag::{Flavour, Tag};
use crate::mark::Mark;
use crate::release::Cuda;

/// The newest patch of a tag's minor in the same shape on the same operating system.
pub(super) fn newest_patch(tag: &Tag) -> Option<(Tag, Mark)> {
    Tag::all()
        .filter(|(other, _)| {
            other.release.cuda() == tag.release.cuda()
                && other.os == tag.os
                && other.flavour == tag.flavour
                && other.cudnn.is_some() == tag.cudnn.is_some()
        })
        .max_by_key(|(other, _)| other.release)
}

/// What is wanted, as far as the words say it.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    cuda: Option<Cuda>,
    major: Option<u16>,
    os: Option<Os>,
    flavour: Flavour,
    has_cudnn: bool,
}

/// The nearest right tag to what the words say, and a second one where the first had to change much.
pub(super) fn nearest(parts: Option<&Parts>) -> (Option<Tag>, Option<Tag>) {
    let has_cudnn = parts.is_some_and(|parts| parts.cudnn.is_some());
    let flavour = match parts.and_then(|parts| parts.flavour) {
        Some(Flavour::Base) if has_cudnn => Flavour::Runtime,
        Some(flavour) => flavour,
        // Most who name none compile nothing.
        None if parts.is_some() => Flavour::Runtime,
        None => Flavour::Base,
    };
    let wanted = Wanted {
        cuda: parts.and_then(Parts::cuda),
        major: parts.and_then(Parts::major),
        os: parts.and_then(Parts::meant_os),
        flavour,
        has_cudnn,
    };
    let here = wanted.os.and_then(|os| wanted.on(|other| other == os));
    let elsewhere = wanted.on(Os::is_ubuntu);
    let Some(here) = here else {
        return (elsewhere, None);
    };
    let Some(cuda) = wanted.cuda else {
        return (Some(here), None);
    };
    let has_minor = |tag: &Tag| tag.release.cuda() == cuda;
    let elsewhere = elsewhere.filter(has_minor);
    if has_minor(&here) {
        (Some(here), None)
    } else if here.release.major == cuda.major || elsewhere.is_none() {
        (Some(here), elsewhere)
    } else {
        (elsewhere, Some(here))
    }
}

impl Wanted {
    /// The nearest tag on the operating systems that are allowed.
    fn on(self, is_allowed: impl Fn(Os) -> bool) -> Option<Tag> {
        Tag::all()
            .filter(|(tag, _)| {
                tag.flavour == self.flavour
                    && tag.cudnn.is_some() == self.has_cudnn
                    && is_allowed(tag.os)
            })
            .min_by_key(|(tag, mark)| {
                (
                    self.distance(tag.release.cuda()),
                    // Where the operating system is open, the newest that is known for certain.
                    !mark.is_firm() && self.os.is_none(),
                    if self.os.is_none() {
                        tag.os as usize
                    } else {
                        0
                    },
                    std::cmp::Reverse(tag.release),
                    tag.os,
                )
            })
            // Where the operating system is open, the order above asks for what is certain before what is newest.
            .map(|(tag, _)| newest_patch(&tag).map_or(tag, |(newest, _)| newest))
    }

    /// How far a version is from the one that is wanted: the same minor; the next higher one of the same major; the
    /// next lower one of it; the highest minor of the next major; anything else.
    fn distance(self, own: Cuda) -> (u8, u16, u16) {
        match (self.cuda, self.major) {
            (Some(cuda), _) if own == cuda => (0, 0, 0),
            (Some(cuda), _) if own.major == cuda.major && own > cuda => {
                (1, own.minor - cuda.minor, 0)
            }
            (Some(cuda), _) if own.major == cuda.major => (2, cuda.minor - own.minor, 0),
            (None, Some(major)) if own.major == major => (1, u16::MAX - own.minor, 0),
            (_, Some(major)) if own.major > major => (3, own.major - major, u16::MAX - own.minor),
            (_, major) => (
                4,
                u16::MAX - own.major - u16::from(major.is_none()),
                u16::MAX - own.minor,
            ),
        }
    }
}
