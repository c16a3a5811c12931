use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::*;
use liftgate_dockerfile::Joined;
use proptest::prelude::*;

/// `path used written`, for every scalar, by the text of its places.
fn shown(text: &str) -> String {
    fn walk(text: &str, path: &str, value: Value<'_>, lines: &mut Vec<String>) {
        match value.shape() {
            Shape::Scalar => {
                let written = value.written().of(text);
                let used = value.used().of(text);
                let used = if value.is_shared() {
                    format!(" ({used})")
                } else {
                    String::new()
                };
                lines.push(format!("{path} {written}{used}"));
            }
            Shape::Sequence => {
                for (at, item) in value.items().enumerate() {
                    walk(text, &format!("{path}[{at}]"), item, lines);
                }
            }
            Shape::Mapping => {
                for entry in value.merged() {
                    let key = entry.key.text().unwrap_or("?");
                    walk(text, &format!("{path}.{key}"), entry.value, lines);
                }
            }
        }
    }
    let yaml = Yaml::read(text);
    let mut lines = Vec::new();
    if let Some(root) = yaml.root() {
        walk(text, "", root, &mut lines);
    }
    for error in yaml.errors() {
        let Span { start, end } = error.span;
        lines.push(format!("{start}..{end}: {error}"));
    }
    lines.join("\n")
}

#[test]
fn where_it_is_used_and_where_it_is_written() {
    let text = "x: &gpu\n  count: 1\n  ids: [a]\na: *gpu\nb:\n  <<: *gpu\n  count: 2\nc:\n  <<: [*gpu, {n: 3}]\n";
    assert_eq!(
        shown(text),
        ".x.count 1\n.x.ids[0] a\n\
         .a.count 1 (*gpu)\n.a.ids[0] a (*gpu)\n\
         .b.count 2\n.b.ids[0] a (*gpu)\n\
         .c.count 1 (*gpu)\n.c.ids[0] a (*gpu)\n.c.n 3 ({n: 3})"
    );
}

#[test]
fn an_alias_is_followed_once_more_from_where_it_is_used() {
    let text = "a: &a {k: v}\nb: &b {l: *a}\nc: *b\n";
    assert_eq!(shown(text), ".a.k v\n.b.l.k v (*a)\n.c.l.k v (*b)");
}

#[test]
fn keys_are_looked_up() {
    let text = "a: &a {k: 1, deep: {er: x}}\nb: {<<: *a, k: 2}\nempty:\nlast: y";
    let yaml = Yaml::read(text);
    let root = yaml.root().unwrap();
    let int = |path: &[&str]| root.get_path(path).and_then(Value::as_int);
    assert_eq!(int(&["a", "k"]), Some(1));
    assert_eq!(int(&["b", "k"]), Some(2));
    assert_eq!(int(&["b", "<<", "k"]), Some(1));
    assert_eq!(
        root.get_path(&["b", "deep", "er"]).unwrap().as_str(),
        Some("x")
    );
    assert!(root.get("empty").unwrap().is_null());
    let place = text.find("empty:").unwrap() + "empty:".len();
    assert_eq!(root.get("empty").unwrap().written(), Span::at(place));
    assert!(root.get("none").is_none() && root.get_path(&["last", "k"]).is_none());
    assert_eq!(root.entry("last").unwrap().key.written().of(text), "last");
    assert_eq!(root.written(), Span::new(0, text.len()));
}

#[test]
fn meanings() {
    let yaml = Yaml::read("[yes, 'yes', true, 1, '1', !!str 1, ~, a]");
    let items: Vec<_> = yaml.root().unwrap().items().collect();
    let texts: Vec<_> = items.iter().map(|item| item.as_str()).collect();
    let text = Some;
    assert_eq!(
        texts,
        [
            text("yes"),
            text("yes"),
            None,
            None,
            text("1"),
            text("1"),
            None,
            text("a")
        ]
    );
    let switches: Vec<_> = items.iter().filter_map(|item| item.as_bool()).collect();
    assert_eq!(switches, [true, true]);
    assert_eq!(items.iter().filter_map(|item| item.as_int()).count(), 1);
}

#[test]
fn duplicates_are_named_and_the_last_counts() {
    let text = "a: 1\nb: {c: 1, c: 2}\na: 3\na: 4\n";
    let yaml = Yaml::read(text);
    let found: Vec<_> = yaml
        .duplicates()
        .iter()
        .map(|it| (it.name.as_str(), it.first.start, it.again.start))
        .collect();
    assert_eq!(found, [("c", 9, 15), ("a", 0, 21), ("a", 21, 26)]);
    assert_eq!(shown(text), ".b.c 2\n.a 4");
    assert_eq!(yaml.root().unwrap().get("a").unwrap().as_int(), Some(4));
    assert_eq!(yaml.root().unwrap().entries().count(), 4);
}

#[test]
fn what_comes_before_an_error_is_kept() {
    for (text, expected) in [
        ("a: 1\nb: [1, 2", ".a 1\n.b[0] 1"),
        ("a:\n  b: c\n d: e\n", ".a.b c"),
        ("a: 1\n\tb: 2\n", ""),
        ("a: \"open\n", ".a "),
        ("a: *nobody\n", ".a "),
        ("a: &a [x, *a]\n", ".a[0] x\n.a[1] "),
        ("<<: 1\nb: c\n", ".b c"),
        ("b: c\nd: }\n", ".b c"),
        ("b: c\nimage: {{ name }}:latest\n", ".b c"),
    ] {
        let found = shown(text);
        assert!(found.starts_with(expected), "{text:?}: {found}");
        assert!(!Yaml::read(text).errors().is_empty(), "{text:?}");
    }
}

#[test]
fn other_documents_are_named() {
    let text = "a: 1\n---\nb: 2\n---\nc: 3\n";
    let yaml = Yaml::read(text);
    assert_eq!(shown(text), ".a 1");
    let starts: Vec<_> = yaml.others().iter().map(|span| span.start).collect();
    assert_eq!(starts, [5, 14]);
    assert_eq!(Yaml::read("---\na: 1\n...\n").others(), []);
    assert!(Yaml::read("").root().is_none() && Yaml::read("# x\n").root().is_none());
    assert_eq!(shown("\u{feff}a: 1\n"), ".a 1");
}

#[test]
fn text_of_several_lines_has_its_places() {
    let joined = |text: &str, key: &str| {
        let yaml = Yaml::read(text);
        let value = yaml.root()?.get(key)?;
        value.joined(text)
    };
    for end in ["\n", "\r\n"] {
        let text = "k: |  # it\n    one\n\n      two\n    é\nnext: a".replace('\n', end);
        let found = joined(&text, "k").unwrap();
        assert_eq!(found.text(), "one\n\n  two\né\n");
        let at = found.text().find("two").unwrap();
        assert_eq!(found.source(Span::new(at, at + 3)).of(&text), "two");
        let at = found.text().find('é').unwrap();
        assert_eq!(found.source(Span::new(at, at + 2)).of(&text), "é");
    }
    for (text, expected) in [
        ("k: plain text # c", Some("plain text")),
        ("k: 'quo ted'", Some("quo ted")),
        ("k: \"a b\"", Some("a b")),
        ("k: \"a\\nb\"", None),
        ("k: 'it''s'", None),
        ("k: a\n  b", None),
        ("k: >\n  a\n  b\n", None),
        ("k: >\n  a b\n", Some("a b\n")),
        ("k: |-\n  a\n  b", Some("a\nb")),
        ("k: |\n  a", Some("a")),
        ("k: |\n  a\n  ", Some("a\n")),
        ("k: |\n  a\n ", Some("a\n")),
        ("k: ''", Some("")),
        ("k:", Some("")),
    ] {
        let found = joined(text, "k");
        assert_eq!(found.as_ref().map(Joined::text), expected, "{text:?}");
    }
}

/// What is read within this is read in linear time, on any machine and beside anything.
const SOON: Duration = Duration::from_secs(60);

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect::<Vec<_>>().concat()
}

#[test]
fn bombs_do_not_go_off() {
    let mut laughs = "a0: &a0 [lol]\n".to_owned();
    let mut merges = "b0: &b0 {k: v}\n".to_owned();
    for level in 1..60 {
        let before = level - 1;
        let list = vec![format!("*a{before}"); 9].join(", ");
        writeln!(laughs, "a{level}: &a{level} [{list}]").unwrap();
        let list = vec![format!("*b{before}"); 9].join(", ");
        writeln!(merges, "b{level}: &b{level} {{<<: [{list}]}}").unwrap();
    }
    let anchors = lines(60_000, |at| {
        format!(
            "k{at}: &a{at} v{at}
"
        )
    });
    let aliases = format!("x: &x {}\n", "y".repeat(100_000))
        + &lines(60_000, |at| {
            format!(
                "k{at}: *x
"
            )
        });
    let began = Instant::now();
    for (name, text) in [
        ("laughs", laughs.clone()),
        ("merges", merges),
        ("brackets", "[".repeat(100_000)),
        ("braces", "{a: ".repeat(100_000)),
        ("dashes", "- ".repeat(100_000)),
        ("questions", "? ".repeat(100_000)),
        ("commas", format!("[{}", ",".repeat(100_000))),
        ("lines", "\n".repeat(1_000_000)),
        ("one list", format!("[{}]", "a, ".repeat(200_000))),
        ("anchors", anchors),
        ("aliases", aliases),
        ("one key", "a: b\n".repeat(200_000)),
        ("documents", "---\n".repeat(200_000)),
        ("block scalars", "k: |\n\n".repeat(100_000)),
        ("colons", "a:".repeat(300_000)),
        ("quotes", "\"".repeat(300_000)),
        ("é", "é: é\n".repeat(150_000)),
    ] {
        let one = Instant::now();
        let yaml = Yaml::read(&text);
        assert!(yaml.nodes.len() <= text.len() + 1, "{name}");
        if let Some(root) = yaml.root() {
            let _ = root.merged().len() + root.items().count();
            let _ = root.get("nothing");
            if let Some(last) = root.get("b59") {
                assert_eq!(last.merged().len(), 0, "{name}: too many are merged");
                assert_eq!(root.get("b1").unwrap().merged().len(), 1);
            }
        }
        assert!(one.elapsed() < SOON, "{name}: {:?}", one.elapsed());
    }
    assert!(began.elapsed() < 2 * SOON);
    let nested = |depth| Yaml::read(&format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
    assert_eq!(nested(MAX_DEPTH).errors(), []);
    let deep = nested(MAX_DEPTH + 1);
    assert!(deep.errors()[0].fatal && deep.root().is_some());
    assert_eq!(deep.nodes.len(), MAX_DEPTH);
    let yaml = Yaml::read(&laughs);
    assert_eq!(yaml.errors(), []);
    let deepest = (0..60).try_fold(yaml.root().unwrap().get("a59").unwrap(), |value, _| {
        value.items().next()
    });
    assert_eq!(deepest.unwrap().text(), Some("lol"));
    assert!(Yaml::read(&" ".repeat(MAX_BYTES + 1)).errors()[0].fatal);
    assert!(Yaml::read(&",".repeat(MAX_NODES + 1)).errors()[0].fatal);
    assert_eq!(Yaml::read(&"a-b".repeat(MAX_NODES)).errors(), []);
}

fn check(text: &str) {
    let yaml = Yaml::read(text);
    let is_place = |span: Span| {
        assert!(span.end <= text.len(), "{span:?}");
        assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
    };
    for node in &yaml.nodes {
        is_place(node.span);
    }
    yaml.errors().iter().for_each(|error| is_place(error.span));
    yaml.others().iter().for_each(|other| is_place(*other));
    for id in 0..yaml.nodes.len() {
        let value = Value::new(&yaml, NodeId(id));
        if let Some(joined) = value.joined(text) {
            assert_eq!(Some(joined.text()), value.text());
            is_place(joined.whole());
        }
        for entry in value.entries() {
            if let Some(key) = entry.key.text() {
                assert!(value.entry(key).is_some());
            }
        }
        let merged = value.merged();
        for entry in merged.iter().filter(|entry| entry.key.text().is_some()) {
            let found = value.entry(entry.key.text().unwrap()).unwrap();
            assert_eq!(found.value.written(), entry.value.written());
        }
    }
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in "[-a:?&*<|>'\"{}\\[\\],# !%\n\r\té€😀\u{feff}]{0,80}") {
        check(&text);
    }

    #[test]
    fn no_lines_break_it(lines in proptest::collection::vec(
        prop_oneof![
            Just("a: &x {k: 1}"), Just("b: *x"), Just("  <<: *x"), Just("c:"), Just("  - d: |"), Just("    text é"),
            Just("  - 'q'"), Just("e: \"1\\"), Just("---"), Just("  f: >-"), Just("? g"), Just(": h"), Just("\t"), Just("...")
        ], 0..14),
        end in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
    ) {
        check(&lines.join(end));
    }
}

#[test]
fn lists_may_stand_further_left_than_they_should() {
    for (text, expected) in [
        (
            "k:\n  a: [\n  x,\n  'y'\n  ]\n  b: c\n",
            ".k.a[0] x\n.k.a[1] 'y'\n.k.b c",
        ),
        (
            "a: [\nx # one, or ]\n,\n\"y # z\"\n]\nb: c\n",
            ".a[0] x\n.a[1] \"y # z\"\n.b c",
        ),
        (
            "k:\n    a: [   # é\n  x,\n  y\n ]\nb: c\n",
            ".k.a[0] x\n.k.a[1] y\n.b c",
        ),
        (
            "k:\r\n- a: {\r\n  x: [\r\n 1],\r\n  y: 2\r\n  }\r\n- b\r\n",
            ".k[0].a.x[0] 1\n.k[0].a.y 2\n.k[1] b",
        ),
        (
            "a: [\nx]\nb: [\ny]\nc: [\nz]\n",
            ".a[0] x\n.b[0] y\n.c[0] z",
        ),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
    // Not without end: each of them costs another look at the text.
    let many = Yaml::read(&"a: [\nx]\n".repeat(1000));
    assert!(many.errors().iter().any(|error| error.fatal));
}
