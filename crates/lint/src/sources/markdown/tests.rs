use std::fmt::Write as _;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

/// Language, flags, and what stands in the blocks.
fn shown(text: &str) -> String {
    let mut out = String::new();
    for block in blocks(text) {
        let mut flags = String::new();
        for (is, name) in [
            (!block.is_fenced, " indented"),
            (!block.is_closed, " open"),
            (block.has_prompts, " prompts"),
        ] {
            if is {
                flags.push_str(name);
            }
        }
        let label = block.label.of(text);
        writeln!(
            out,
            "{:?} `{label}`{flags} {:?}",
            block.language,
            block.text.text()
        )
        .unwrap();
    }
    out
}

#[test]
#[rustfmt::skip]
fn blocks_are_found() {
    for (text, expected) in [
        ("# T\n\n```bash\ndocker run a\n```\ntext\n", "Shell `bash` \"docker run a\\n\"\n"),
        ("```\ndocker run a\n```\n", "Shell `` \"docker run a\\n\"\n"),
        ("~~~sh\na\n```\nb\n~~~\n", "Shell `sh` \"a\\n```\\nb\\n\"\n"),
        ("````sh\n```\na\n```\n````\n", "Shell `sh` \"```\\na\\n```\\n\"\n"),
        ("``` Bash title=\"x\"\na\n```\n", "Shell `Bash` \"a\\n\"\n"),
        ("```{.bash .numberLines}\na\n```", "Shell `{.bash` \"a\\n\"\n"),
        ("```{bash}\na\n```", "Shell `{bash}` \"a\\n\"\n"),
        ("```bash,ignore\na\n```", "Shell `bash,ignore` \"a\\n\"\n"),
        ("```x``` is no fence\n", ""),
        ("``\nno\n``\n", ""),
        ("```sh\nnever closed\n", "Shell `sh` open \"never closed\\n\"\n"),
        ("```sh\n```\n", "Shell `sh` \"\"\n"),
        ("1. item\n\n   ```sh\n   a\n     b\n   ```\n", "Shell `sh` \"a\\n  b\\n\"\n"),
        ("- item\n      ```sh\n      a\n      ```\n", "Shell `sh` \"a\\n\"\n"),
        ("> ```sh\n> a > b\n> ```\n", "Shell `sh` \"a > b\\n\"\n"),
        ("> ```sh\n> a\nb\n", "Shell `sh` open \"a\\n\"\n"),
        ("```sh\n> a\n```\n", "Shell `sh` \"> a\\n\"\n"),
        ("```dockerfile\nFROM a\n```\n", "Dockerfile `dockerfile` \"FROM a\\n\"\n"),
        ("```yaml\nservices:\n  a: b\n```\n", "Yaml `yaml` \"services:\\n  a: b\\n\"\n"),
        ("```jsonc\n{}\n```\n", "Json `jsonc` \"{}\\n\"\n"),
        ("```python\nimport torch\n```\n", "Other `python` \"import torch\\n\"\n"),
        ("```\n# comment\nFROM a\n```\n", "Dockerfile `` \"# comment\\nFROM a\\n\"\n"),
        ("```\nversion: \"3\"\nservices:\n```\n", "Yaml `` \"version: \\\"3\\\"\\nservices:\\n\"\n"),
        ("```\nsome output\n```\n", "Other `` \"some output\\n\"\n"),
        ("text\n\n    docker run a\n    b\n\n    c\n\ntext\n", "Shell `` indented \"docker run a\\nb\\n\\nc\\n\"\n"),
        ("text\n    docker run goes on\n", ""),
        ("\tdocker run a\n", "Shell `` indented \"docker run a\\n\"\n"),
        ("- item\n\n    docker run a belongs to the item\n", ""),
        ("- item\n\n      docker run a\n", "Shell `` indented \"docker run a\\n\"\n"),
        ("- item\n\ntext\n\n    docker run a\n", "Shell `` indented \"docker run a\\n\"\n"),
        ("<!--\n```sh\nhidden\n```\n-->\n```sh\nseen\n```\n", "Shell `sh` \"seen\\n\"\n"),
        ("<!-- x -->\n```sh\nseen\n```\n", "Shell `sh` \"seen\\n\"\n"),
        ("\u{feff}```sh\r\na\\\r\nb\r\n```\r\n", "Shell `sh` \"a\\\\\\nb\\n\"\n"),
        ("```sh\r\r\na\r\r\n```\r\r\n", "Shell `sh` \"a\\n\"\n"),
        ("```sh\n\ta\n```\n", "Shell `sh` \"\\ta\\n\"\n"),
        ("", ""),
        ("```", "Other `` open \"\"\n"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
#[rustfmt::skip]
fn only_what_was_typed_is_kept() {
    for (text, expected) in [
        ("```console\n$ docker run a\noutput\n$ docker run \\\n>   --rm b\nmore\n```\n", "docker run a\ndocker run \\\n  --rm b\n"),
        ("```bash\n$ docker run \\\n    a\nout\n```\n", "docker run \\\n    a\n"),
        ("```\nuser@host:~/x$ docker run a\nout\n```\n", "docker run a\n"),
        ("```\nroot@0123:/# nvidia-smi\n+---+\n```\n", "nvidia-smi\n"),
        ("```console\n(venv) $ pip install a\nCollecting\n```\n", "pip install a\n"),
        ("```console\n(base) me@pc:~$ docker ps\n```\n", "docker ps\n"),
        ("```console\n[me@pc dir]$ docker ps\n```\n", "docker ps\n"),
        ("```\n❯ docker ps\nCONTAINER\n```\n", "docker ps\n"),
        ("```console\n# docker run a\nout\n# ls\n```\n", "docker run a\nls\n"),
        ("```bash\n# docker run a is not what you want\ndocker run b\n```\n", "# docker run a is not what you want\ndocker run b\n"),
        ("```console\n# docker is started like this\ndocker run b\n```\n", "# docker is started like this\ndocker run b\n"),
        ("```bash\n# a comment\n$ docker run a\n```\n", "docker run a\n"),
        ("```sh\necho $ a\ncost: 5 $ b\n```\n", "echo $ a\ncost: 5 $ b\n"),
        ("```sh\nssh me@host docker run a # not a prompt\n```\n", "ssh me@host docker run a # not a prompt\n"),
        ("```\n$\n$ ls\n```\n", "\nls\n"),
    ] {
        let found = blocks(text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].text.text(), expected, "{text}");
        assert_eq!(found[0].language, Language::Shell, "{text}");
    }
}

#[test]
fn places_are_those_of_the_file() {
    let text = "é\r\n> 1. x\r\n>    ```console\r\n>    $ docker run é \\\r\n>      --gpus all\r\n>    out\r\n>    ```\r\n";
    let found = &blocks(text)[0];
    assert_eq!(found.text.text(), "docker run é \\\n  --gpus all\n");
    for word in ["docker", "é", "--gpus", "all"] {
        let at = found.text.text().find(word).unwrap();
        let span = found.text.source(Span::new(at, at + word.len()));
        assert_eq!(span.of(text), word);
        assert!(span.start > 10);
    }
    assert_eq!(found.label.of(text), "console");
    assert!(found.whole.of(text).starts_with("> ") && found.is_closed);
}

#[test]
fn it_is_quick() {
    let began = Instant::now();
    for text in [
        "```\n".repeat(200_000),
        "`".repeat(1_000_000),
        "> ".repeat(500_000),
        "> > > > > > > > > ```\n".repeat(50_000),
        "    a\n\n".repeat(150_000),
        "- ".repeat(500_000),
        "<!--\n".repeat(200_000),
        format!("```sh\n{}", "$ a\n".repeat(250_000)),
        format!("```sh\n{}", "$".repeat(1_000_000)),
        format!("```sh\n{}", "a@b ".repeat(250_000)),
        format!("    a\n{}", "\n".repeat(500_000)),
        " ".repeat(1_000_000),
    ] {
        let one = Instant::now();
        let _ = blocks(&text);
        assert!(
            one.elapsed() < Duration::from_secs(60),
            "{:?}",
            text.get(..20)
        );
    }
    assert!(began.elapsed() < Duration::from_secs(120));
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in "((```|~~~|    |> |- |1\\. |\\$ |# |<!--|-->|bash|docker run|a@b:|\t|é|\\\\)*(\n|\r\n|\r)?){0,12}") {
        let mut last = 0;
        for block in blocks(&text) {
            prop_assert!(block.whole.start >= last && block.whole.end <= text.len());
            last = block.whole.end;
            prop_assert!(block.whole.contains(block.label) || block.label.is_empty());
            let joined = &block.text;
            prop_assert!(joined.text().is_empty() || block.whole.contains(joined.whole()));
            for (at, sign) in joined.text().char_indices() {
                let place = joined.offset(at);
                prop_assert!(text[place..].starts_with(sign));
            }
        }
    }
}
