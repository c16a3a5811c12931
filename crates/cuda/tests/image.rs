//! Tags of `nvidia/cuda`, as people write them, and what is said of each.

use liftgate_cuda::image::{
    CudnnSpelling, Flavour, Gone, Judgement, Os, OsWord, PackageManager, Part, Parts, Presence,
    Problem, Reference, SigningKey, Tag, TagVerdict, UnknownTag,
};
use liftgate_cuda::{Cuda, Mark, Release};
use proptest::prelude::*;

fn judge(text: &str) -> Judgement {
    let reference = Reference::parse(text).unwrap_or_else(|| panic!("{text} is an image"));
    reference.judge()
}

fn of_tag(tag: &str) -> Judgement {
    judge(&format!("nvidia/cuda:{tag}"))
}

fn suggestion(judgement: &Judgement) -> String {
    judgement
        .suggestion
        .map(|tag| tag.to_string())
        .unwrap_or_default()
}

#[test]
fn tags_that_are_there() {
    for tag in [
        "11.8.0-cudnn8-devel-ubuntu22.04",
        "12.2.2-cudnn8-runtime-ubuntu20.04",
        "12.3.2-cudnn9-devel-ubuntu22.04",
        "12.4.1-cudnn-devel-ubuntu22.04",
        "12.4.1-base-ubi8",
        "12.6.3-runtime-ubuntu24.04",
        "13.2.1-cudnn-devel-rockylinux9",
        "13.3.1-devel-ubuntu26.04",
        "12.1.1-devel-centos7",
    ] {
        let judgement = of_tag(tag);
        assert_eq!(judgement.verdict, TagVerdict::Exists, "{tag}");
        assert_eq!(judgement.tag.unwrap().to_string(), tag);
        assert_eq!(judgement.suggestion, None);
    }
    let judgement = of_tag("13.0.0-tensorrt-devel-ubuntu24.04");
    assert_eq!(judgement.verdict, TagVerdict::Exists);
}

#[test]
fn tags_that_a_newer_patch_replaced() {
    for (tag, by) in [
        ("12.4.0-devel-ubuntu22.04", "12.4.1-devel-ubuntu22.04"),
        (
            "12.0.0-cudnn8-devel-ubuntu20.04",
            "12.0.1-cudnn8-devel-ubuntu20.04",
        ),
        (
            "12.6.0-cudnn-runtime-ubuntu24.04",
            "12.6.3-cudnn-runtime-ubuntu24.04",
        ),
        ("13.0.1-base-ubuntu24.04", "13.0.3-base-ubuntu24.04"),
        ("12.8.1-base-ubuntu22.04", "12.8.2-base-ubuntu22.04"),
        // There is no 12.2.2 on Ubuntu 18.04, but the next patch of 12.0 is.
        ("12.0.0-base-ubuntu18.04", "12.0.1-base-ubuntu18.04"),
    ] {
        let judgement = of_tag(tag);
        let TagVerdict::Superseded { by: found } = judgement.verdict else {
            panic!("{tag}: {:?}", judgement.verdict)
        };
        assert_eq!(found.to_string(), by, "{tag}");
        assert_eq!(judgement.suggestion, Some(found));
    }
    // 12.8.2 is not known to have cuDNN, 12.9.1 is the last on UBI 9, 12.1.0 on Ubuntu 18.04.
    for tag in [
        "12.8.1-cudnn-devel-ubuntu22.04",
        "12.9.1-devel-ubi9",
        "12.1.0-devel-ubuntu18.04",
    ] {
        assert_eq!(of_tag(tag).verdict, TagVerdict::Exists, "{tag}");
    }
}

#[test]
fn tags_that_are_gone() {
    for (tag, gone, instead) in [
        (
            "10.2-cudnn7-devel-ubuntu18.04",
            Gone::Policy,
            "11.8.0-cudnn8-devel-ubuntu18.04",
        ),
        ("9.0-base", Gone::Policy, "11.8.0-base-ubuntu22.04"),
        (
            "11.0-base-ubuntu20.04",
            Gone::Policy,
            "11.8.0-base-ubuntu20.04",
        ),
        (
            "11.0.3-base-ubuntu20.04",
            Gone::Announced,
            "11.8.0-base-ubuntu20.04",
        ),
        (
            "11.3.1-cudnn8-devel-ubuntu18.04",
            Gone::Announced,
            "11.4.3-cudnn8-devel-ubuntu18.04",
        ),
        (
            "11.4.0-devel-ubuntu20.04",
            Gone::Delisted,
            "11.4.3-devel-ubuntu20.04",
        ),
        (
            "11.7.0-base-ubuntu22.04",
            Gone::Delisted,
            "11.7.1-base-ubuntu22.04",
        ),
        (
            "11.4.3-base-centos8",
            Gone::Delisted,
            "11.4.3-base-ubuntu20.04",
        ),
    ] {
        let judgement = of_tag(tag);
        assert_eq!(judgement.verdict, TagVerdict::Gone(gone), "{tag}");
        if tag.starts_with("11.0.3") || tag.starts_with("11.0-") {
            // The next minor that is there, of the same major.
            assert!(
                suggestion(&judgement).starts_with("11.4.3-base-ubuntu20.04"),
                "{tag}"
            );
        } else {
            assert_eq!(suggestion(&judgement), instead, "{tag}");
        }
    }
    for name in [
        "nvidia/cudagl:11.4.2-devel-ubuntu20.04",
        "nvidia/cuda-arm64:11.2.2-base-ubuntu20.04",
    ] {
        let judgement = judge(name);
        assert_eq!(
            judgement.verdict,
            TagVerdict::Gone(Gone::Repository),
            "{name}"
        );
        assert!(judgement.suggestion.is_some(), "{name}");
    }
    assert!(Gone::Delisted.is_certain() && !Gone::Announced.is_certain());
}

#[test]
fn no_longer_built_but_still_there() {
    let judgement = judge("nvidia/opengl:1.2-glvnd-devel-ubuntu22.04");
    assert_eq!(judgement.verdict, TagVerdict::Unknown(UnknownTag::Kept));
    assert_eq!(judgement.suggestion, None);
}

#[test]
fn tags_that_never_were() {
    let short = |written: &str| Problem::ShortVersion {
        written: written.into(),
    };
    for (tag, problems, instead) in [
        (
            "11.8.0-base",
            vec![Problem::NoOs],
            "11.8.0-base-ubuntu22.04",
        ),
        (
            "12.4-devel",
            vec![short("12.4"), Problem::NoOs],
            "12.4.1-devel-ubuntu22.04",
        ),
        (
            "12.4-devel-ubuntu22.04",
            vec![short("12.4")],
            "12.4.1-devel-ubuntu22.04",
        ),
        (
            "12-base-ubuntu22.04",
            vec![short("12")],
            "12.9.2-base-ubuntu22.04",
        ),
        (
            "12.4.1-devel-cudnn-ubuntu22.04",
            vec![Problem::Order],
            "12.4.1-cudnn-devel-ubuntu22.04",
        ),
        (
            "12.4.1-ubuntu22.04",
            vec![Problem::NoFlavour],
            "12.4.1-runtime-ubuntu22.04",
        ),
        (
            "12.7.0-devel-ubuntu22.04",
            vec![Problem::NoToolkit(Cuda::new(12, 7))],
            "12.8.2-devel-ubuntu22.04",
        ),
        (
            "12.7.0-cudnn-devel-ubuntu22.04",
            vec![Problem::NoToolkit(Cuda::new(12, 7))],
            "12.8.1-cudnn-devel-ubuntu22.04",
        ),
        (
            "12.7-devel",
            vec![
                Problem::NoToolkit(Cuda::new(12, 7)),
                short("12.7"),
                Problem::NoOs,
            ],
            "12.8.2-devel-ubuntu24.04",
        ),
        (
            "12.2.1-base-ubuntu22.04",
            vec![Problem::NoImageOf(Release::new(12, 2, 1))],
            "12.2.2-base-ubuntu22.04",
        ),
        (
            "12.6.4-base-ubuntu22.04",
            vec![Problem::NoImageOf(Release::new(12, 6, 4))],
            "12.6.3-base-ubuntu22.04",
        ),
        (
            "12.4.1-base-ubuntu2204",
            vec![Problem::OsSpelling {
                written: "ubuntu2204".into(),
                right: Os::Ubuntu2204,
            }],
            "12.4.1-base-ubuntu22.04",
        ),
        (
            "12.4.1-base-debian12",
            vec![Problem::UnknownOs {
                written: "debian12".into(),
            }],
            "12.4.1-base-ubuntu22.04",
        ),
        (
            "12.4.1-base-ubuntu24.04",
            vec![Problem::NotOnOs {
                release: Release::new(12, 4, 1),
                os: Os::Ubuntu2404,
            }],
            "12.5.1-base-ubuntu24.04",
        ),
        (
            "13.0.0-base-ubuntu20.04",
            vec![Problem::NotOnOs {
                release: Release::new(13, 0, 0),
                os: Os::Ubuntu2004,
            }],
            "13.0.3-base-ubuntu24.04",
        ),
        (
            "13.2.1-base-ubuntu20.04",
            vec![Problem::NotOnOs {
                release: Release::new(13, 2, 1),
                os: Os::Ubuntu2004,
            }],
            "13.2.1-base-ubuntu24.04",
        ),
        (
            "12.8.1-base-ubuntu26.04",
            vec![Problem::NotOnOs {
                release: Release::new(12, 8, 1),
                os: Os::Ubuntu2604,
            }],
            "12.8.2-base-ubuntu24.04",
        ),
        (
            "12.4.1-cudnn-base-ubuntu22.04",
            vec![Problem::CudnnInBase],
            "12.4.1-cudnn-runtime-ubuntu22.04",
        ),
        (
            "12.4.1-cudnn8-devel-ubuntu22.04",
            vec![Problem::CudnnSpelling {
                written: "cudnn8".into(),
                right: CudnnSpelling::Plain,
            }],
            "12.4.1-cudnn-devel-ubuntu22.04",
        ),
        (
            "12.3.2-cudnn-devel-ubuntu22.04",
            vec![Problem::CudnnSpelling {
                written: "cudnn".into(),
                right: CudnnSpelling::Nine,
            }],
            "12.3.2-cudnn9-devel-ubuntu22.04",
        ),
        (
            "11.8.0-cudnn9-devel-ubuntu22.04",
            vec![Problem::CudnnSpelling {
                written: "cudnn9".into(),
                right: CudnnSpelling::Eight,
            }],
            "11.8.0-cudnn8-devel-ubuntu22.04",
        ),
        (
            "12.4.0-cudnn-devel-ubuntu22.04",
            vec![Problem::NoCudnn {
                release: Release::new(12, 4, 0),
                os: Os::Ubuntu2204,
            }],
            "12.4.1-cudnn-devel-ubuntu22.04",
        ),
        (
            "12.5.1-cudnn-devel-ubuntu24.04",
            vec![Problem::NoCudnn {
                release: Release::new(12, 5, 1),
                os: Os::Ubuntu2404,
            }],
            "12.6.3-cudnn-devel-ubuntu24.04",
        ),
        (
            "13.1.0-cudnn-runtime-ubuntu24.04",
            vec![Problem::NoCudnn {
                release: Release::new(13, 1, 0),
                os: Os::Ubuntu2404,
            }],
            "13.1.2-cudnn-runtime-ubuntu24.04",
        ),
        (
            "12.9.1-cudnn-devel-amzn2023",
            vec![Problem::NoCudnn {
                release: Release::new(12, 9, 1),
                os: Os::Amazon2023,
            }],
            "12.9.2-cudnn-devel-ubuntu24.04",
        ),
        (
            "12.4.1-devel-ubuntu22.04-py310",
            vec![Problem::UnknownWord("py310".into())],
            "12.4.1-devel-ubuntu22.04",
        ),
        (
            "devel-ubuntu22.04",
            vec![Problem::NoVersion],
            "13.3.1-devel-ubuntu22.04",
        ),
    ] {
        let judgement = of_tag(tag);
        assert_eq!(
            judgement.verdict,
            TagVerdict::NeverExisted { problems },
            "{tag}"
        );
        assert_eq!(suggestion(&judgement), instead, "{tag}");
    }
    // Before the first on that system, though the lists of that time are not complete.
    let verdict = of_tag("13.0.1-base-ubuntu26.04").verdict;
    assert!(
        matches!(&verdict, TagVerdict::NeverExisted { problems } if matches!(problems[..], [Problem::NotOnOs { .. }])),
        "{verdict:?}"
    );
    let judgement = of_tag("12.4.1-base-ubuntu24.04");
    assert_eq!(
        judgement.alternative.unwrap().to_string(),
        "12.4.1-base-ubuntu22.04"
    );
    let judgement = of_tag("13.0.0-base-ubuntu20.04");
    assert_eq!(
        judgement.alternative.unwrap().to_string(),
        "12.9.2-base-ubuntu20.04"
    );
}

#[test]
fn no_tag() {
    for (name, is_written) in [
        ("nvidia/cuda", false),
        ("nvidia/cuda:latest", true),
        ("nvcr.io/nvidia/cuda", false),
    ] {
        let judgement = judge(name);
        assert_eq!(
            judgement.verdict,
            TagVerdict::Untagged { is_written },
            "{name}"
        );
        assert_eq!(judgement.suggestion.unwrap().flavour, Flavour::Base);
    }
}

#[test]
fn what_may_have_come_since_is_not_known() {
    for tag in [
        "13.3.2-base-ubuntu24.04",
        "13.4.0-devel-ubuntu24.04",
        "14.0.0-devel-ubuntu28.04"
            .replace("ubuntu28.04", "ubuntu24.04")
            .as_str(),
        "12.9.3-base-ubuntu22.04",
        "12.8.2-cudnn-devel-ubuntu24.04",
        "13.3.0-cudnn-devel-ubuntu26.04",
        "13.3.0-devel-ubi10",
        "13.1.2-devel-ubi9",
    ] {
        let verdict = of_tag(tag).verdict;
        assert_eq!(verdict, TagVerdict::Unknown(UnknownTag::TooNew), "{tag}");
    }
    let judgement = judge("nvidia/cuda:11.8.0-base@sha256:0123");
    assert_eq!(judgement.verdict, TagVerdict::Unknown(UnknownTag::Digest));
}

#[test]
fn all_tags_judge_themselves() {
    let mut count = 0;
    for (tag, mark) in Tag::all() {
        let judgement = of_tag(&tag.to_string());
        assert_eq!(judgement.tag, Some(tag));
        match judgement.verdict {
            TagVerdict::Exists => assert_eq!(judgement.mark, mark, "{tag}"),
            TagVerdict::Superseded { by } => assert!(by.release > tag.release, "{tag}"),
            other => panic!("{tag}: {other:?}"),
        }
        count += 1;
    }
    assert!(count > 900, "{count}");
}

#[test]
fn inside() {
    let tag = of_tag("12.8.1-devel-ubuntu22.04").tag.unwrap();
    assert_eq!(tag.has(Part::Nvcc), Presence::Yes);
    assert_eq!(tag.has(Part::Cudnn), Presence::No);
    assert_eq!(tag.package_manager(), PackageManager::Apt);
    assert_eq!(tag.signing_key(), SigningKey::Current);
    let environment = tag.environment();
    assert_eq!(
        environment.get("LD_LIBRARY_PATH"),
        Some("/usr/local/cuda/lib64")
    );
    assert_eq!(
        environment.get("LIBRARY_PATH"),
        Some("/usr/local/cuda/lib64/stubs")
    );
    assert_eq!(environment.get("CUDA_VERSION"), Some("12.8.1"));
    let tag = of_tag("12.8.0-runtime-rockylinux8").tag.unwrap();
    assert_eq!(tag.environment().get("LIBRARY_PATH"), None);
    assert_eq!(
        tag.environment().get("LD_LIBRARY_PATH"),
        Some("/usr/local/nvidia/lib:/usr/local/nvidia/lib64")
    );
    let tag = of_tag("11.4.1-cudnn8-devel-ubuntu20.04").tag.unwrap();
    assert_eq!(tag.signing_key(), SigningKey::MaybeOld);
    // As old, but rebuilt.
    let tag = of_tag("11.4.3-cudnn8-devel-ubuntu20.04").tag.unwrap();
    assert_eq!(tag.signing_key(), SigningKey::Current);
    let tag = of_tag("11.8.0-cudnn8-devel-ubuntu18.04").tag.unwrap();
    assert_eq!(tag.cudnn_version(), Some("8.6.0.163"));
    assert_eq!(SigningKey::of_cuda(Cuda::new(10, 2)), SigningKey::MaybeOld);
}

#[test]
fn marks() {
    assert_eq!(of_tag("12.4.1-base-ubuntu22.04").mark, Mark::Verified);
    assert_eq!(of_tag("13.3.1-base-ubuntu24.04").mark, Mark::Secondary);
    // It exists for certain; that something newer does, we have from others.
    assert_eq!(of_tag("12.9.1-base-ubuntu24.04").mark, Mark::Secondary);
}

proptest! {
    /// Whatever is written: no panic, a right tag as suggestion, and every wrong one has a problem.
    #[test]
    fn whatever_is_written(tag in "[a-zA-Z0-9._-]{0,40}|([0-9]{1,2}\\.[0-9]{1,2}(\\.[0-9])?)(-(cudnn[89]?|base|runtime|devel|ubuntu[0-9.]{2,5}|ubi[789]|x)){0,4}") {
        let Some(reference) = Reference::parse("nvidia/cuda").map(|one| Reference { tag: Some(&tag), ..one }) else {
            unreachable!("an image")
        };
        let judgement = reference.judge();
        if let TagVerdict::NeverExisted { problems } = &judgement.verdict {
            prop_assert!(!problems.is_empty());
            prop_assert!(problems.iter().all(|problem| !problem.to_string().is_empty()));
        }
        let is_right = matches!(judgement.verdict, TagVerdict::Exists | TagVerdict::Unknown(_));
        prop_assert_eq!(judgement.suggestion.is_none(), is_right);
        for tag in [judgement.suggestion, judgement.alternative].into_iter().flatten() {
            prop_assert_eq!(of_tag(&tag.to_string()).verdict, TagVerdict::Exists);
        }
        if let Some(own) = judgement.tag {
            prop_assert_eq!(own.to_string(), tag);
        }
    }

    #[test]
    fn words_are_kept(words in prop::collection::vec("[a-z0-9.]{1,8}", 1..6)) {
        let parts = Parts::of(&words.join("-"));
        let is_something = parts.version.is_some() || parts.cudnn.is_some() || parts.flavour.is_some()
            || parts.os != OsWord::Missing || !parts.others.is_empty();
        prop_assert!(is_something);
    }

    #[test]
    fn never_a_panic(text in ".{0,60}") {
        if let Some(reference) = Reference::parse(&text) {
            reference.judge();
        }
    }
}
