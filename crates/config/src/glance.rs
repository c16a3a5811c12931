//! One value at a glance: `runtimes` of `[nvidia-container-runtime]`, without parsing the file.
//!
//! `state`, `kill` and `delete` need nothing else, and are called for every container all the time; parsing
//! takes a fifth of what they cost. The glance understands the form that files have in practice and answers
//! `None` to anything else, for which the parser is then asked. It never answers differently: a property
//! test compares the two.

const TABLE: &str = "[nvidia-container-runtime]";
const KEY: &str = "runtimes";

/// The low-level runtimes that the text names; `None` where a parser is needed to tell.
pub fn runtimes_at_a_glance(text: &str) -> Option<Vec<String>> {
    // In a string over several lines, what looks like a key is none.
    if text.contains("\"\"\"") || text.contains("'''") {
        return None;
    }
    let mut is_in_table = false;
    let mut found = None;
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            is_in_table = line == TABLE;
            // Any other way to write this table, or a part of it, is the parser's to understand.
            let name = line.trim_matches(['[', ']', ' ', '\t']);
            let is_related = name.starts_with("nvidia-container-runtime")
                && !name.starts_with("nvidia-container-runtime-hook");
            if (!is_in_table && is_related && !name.starts_with("nvidia-container-runtime.modes"))
                || name.contains(['"', '\'', '#', ' ', '\t'])
            {
                return None;
            }
        } else if let Some(value) = line.strip_prefix(KEY).filter(|_| is_in_table) {
            let value = value.trim_start().strip_prefix('=')?;
            if found.replace(list(value.trim())?).is_some() {
                return None;
            }
        } else if !line.is_empty() && !line.starts_with('#') && !is_plain(line) {
            return None;
        }
    }
    found
}

/// A line `key = value` whose value ends on the line, and whose key has nothing to do with ours.
fn is_plain(line: &str) -> bool {
    let Some((key, value)) = line.split_once('=') else {
        return false;
    };
    let key = key.trim_end();
    let value = value.trim();
    let is_bare = !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    let is_complete = match value.as_bytes().first() {
        Some(b'[') => value.ends_with(']'),
        Some(b'"') => value.len() > 1 && value.ends_with('"'),
        Some(byte) => byte.is_ascii_alphanumeric(),
        None => false,
    };
    is_bare && is_complete && key != "nvidia-container-runtime"
}

/// `["a", "b"]`, on one line, without escapes or comments.
fn list(value: &str) -> Option<Vec<String>> {
    let inside = value.strip_prefix('[')?.strip_suffix(']')?.trim();
    if inside.is_empty() {
        return None;
    }
    inside
        .split(',')
        .map(|item| {
            let name = item.trim().strip_prefix('"')?.strip_suffix('"')?;
            let is_ordinary =
                |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b'#');
            (!name.is_empty() && name.bytes().all(is_ordinary)).then(|| name.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;
    use proptest::prelude::*;

    #[test]
    fn the_usual_forms() {
        let text = "disable-require = false\n\n[nvidia-container-cli]\nldconfig = \"@/sbin/ldconfig\"\n\n[nvidia-container-runtime]\n#debug = \"/x\"\nruntimes = [\"docker-runc\", \"/usr/bin/crun\"]\n\n[nvidia-container-runtime.modes.cdi]\nspec-dirs = [\"/etc/cdi\", \"/var/run/cdi\"]\n";
        assert_eq!(
            runtimes_at_a_glance(text),
            Some(vec!["docker-runc".to_owned(), "/usr/bin/crun".to_owned()])
        );
    }

    #[test]
    fn what_the_parser_is_asked() {
        for text in [
            "",
            "[nvidia-container-runtime]\n",
            "[nvidia-container-runtime]\nruntimes = [\n\"runc\"\n]\n",
            "[nvidia-container-runtime]\nruntimes = [\"a\", \"\\u0062\"]\n",
            "[nvidia-container-runtime]\nruntimes = ['runc']\n",
            "[nvidia-container-runtime]\nruntimes = [\"runc\"] # mine\n",
            "nvidia-container-runtime.runtimes = [\"runc\"]\n",
            "nvidia-container-runtime = { runtimes = [\"runc\"] }\n",
            "[ nvidia-container-runtime ]\nruntimes = [\"runc\"]\n",
            "x = \"\"\"\n[nvidia-container-runtime]\nruntimes = [\"no\"]\n\"\"\"\n",
            "[nvidia-container-runtime]\nruntimes = [\"a\"]\n[nvidia-container-runtime]\nruntimes = [\"b\"]\n",
        ] {
            assert_eq!(runtimes_at_a_glance(text), None, "{text}");
        }
    }

    fn line() -> impl Strategy<Value = String> {
        prop::sample::select(vec![
            "[nvidia-container-runtime]",
            "[nvidia-container-runtime.modes.cdi]",
            "[nvidia-container-runtime-hook]",
            "[[nvidia-container-runtime]]",
            "[nvidia-container-cli]",
            "[features]",
            "runtimes = [\"runc\"]",
            "runtimes = [\"crun\", \"runc\"]",
            "runtimes = []",
            "runtimes-not = [\"x\"]",
            "runtimes.x = [\"y\"]",
            "  runtimes=[ \"a\" , \"b\" ]  ",
            "mode = \"auto\"",
            "mode = \"\"\"",
            "x = '''",
            "x = [",
            "]",
            "\"runtimes\" = [\"q\"]",
            "# runtimes = [\"z\"]",
            "nvidia-container-runtime.runtimes = [\"d\"]",
            "y = { runtimes = [\"e\"] }",
            "",
        ])
        .prop_map(str::to_owned)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn never_another_answer_than_the_parsers(lines in prop::collection::vec(line(), 0..8)) {
            let text = lines.join("\n");
            if let (Some(glance), Ok((config, _))) = (runtimes_at_a_glance(&text), Config::parse(&text)) {
                prop_assert_eq!(glance, config.nvidia_container_runtime.runtimes, "{}", text);
            }
        }

        #[test]
        fn any_text_is_answered(text in ".*") {
            if let Some(runtimes) = runtimes_at_a_glance(&text) {
                prop_assert!(!runtimes.is_empty());
            }
        }
    }
}
