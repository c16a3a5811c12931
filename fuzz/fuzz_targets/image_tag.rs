//! Feeds an image's name: whatever is written, a suggestion is a tag that there is, a tag that is understood is the one that was written, and a verdict has its reasons.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liftgate_cuda::image::{Reference, TagVerdict, UnknownTag};

fuzz_target!(|text: &str| {
    // A tag alone too: most texts are no name of one of these images.
    for name in [text.to_owned(), format!("nvidia/cuda:{text}")] {
        let Some(reference) = Reference::parse(&name) else {
            continue;
        };
        let judgement = reference.judge();
        if let TagVerdict::NeverExisted { problems } = &judgement.verdict {
            assert!(!problems.is_empty());
            for problem in problems {
                assert!(problem.to_string().len() < 512);
            }
        }
        let needs_none = matches!(judgement.verdict, TagVerdict::Exists | TagVerdict::Unknown(_));
        assert_eq!(judgement.suggestion.is_none(), needs_none, "{name}");
        for tag in judgement.suggestion.iter().chain(&judgement.alternative) {
            let right = format!("nvidia/cuda:{tag}");
            let again = Reference::parse(&right).expect("a name").judge();
            assert_eq!(again.verdict, TagVerdict::Exists, "{name}: {right}");
        }
        if let Some(tag) = judgement.tag {
            assert_eq!(Some(&*tag.to_string()), reference.tag, "{name}");
            assert!(!tag.environment().variables.is_empty());
        }
        if reference.digest.is_some() && !reference.repository.is_dead() {
            assert_eq!(judgement.verdict, TagVerdict::Unknown(UnknownTag::Digest));
        }
    }
});
