//! What is refused, in which words, and at which place.

use liftgate_oci::{Document, MAX_BYTES, OciError};

type Reader = fn(&Document<'_>) -> Result<(), OciError>;

const ENV: Reader = |document| document.env().map(drop);
const ROOT: Reader = |document| document.root().map(drop);
const CAPABILITIES: Reader = |document| document.bounding_capabilities().map(drop);
const MOUNTS: Reader = |document| document.mounts().map(drop);
const PRESTART: Reader = |document| document.prestart_hooks().map(drop);
const ANNOTATIONS: Reader = |document| document.annotations().map(drop);
const VERSION: Reader = |document| document.oci_version().map(drop);

#[test]
fn not_a_document() {
    for (bytes, expected) in [
        (
            &b""[..],
            "not JSON at line 1, column 1: EOF while parsing a value",
        ),
        (
            b"  \n",
            "not JSON at line 2, column 1: EOF while parsing a value",
        ),
        (
            b"[]",
            "`the document` is an array and must be an object, at line 1, column 1",
        ),
        (
            b" 7",
            "`the document` is a number and must be an object, at line 1, column 2",
        ),
        (
            b"{\"a\":1",
            "not JSON at line 1, column 6: EOF while parsing an object",
        ),
        (
            b"{\"a\":1,}",
            "not JSON at line 1, column 8: trailing comma",
        ),
        (
            b"{\"a\":1}\n{}",
            "not JSON at line 2, column 1: trailing characters",
        ),
        (
            b"{\"a\":01}",
            "not JSON at line 1, column 7: invalid number",
        ),
        (
            b"{\"\xC3\xA9\":tru}",
            "not JSON at line 1, column 9: expected ident",
        ),
        (
            b"{a:1}",
            "not JSON at line 1, column 2: key must be a string",
        ),
        (
            b"{\"a\":\"\\x\"}",
            "not JSON at line 1, column 8: invalid escape",
        ),
        (b"{\n\"a\":\"\xFF\"}", "not UTF-8 at line 2, column 6"),
        (
            b"\xEF\xBB\xBF{}",
            "not JSON at line 1, column 1: expected value",
        ),
        (
            b"{}\x0B",
            "not JSON at line 1, column 3: trailing characters",
        ),
    ] {
        let error = Document::parse(bytes).unwrap_err().to_string();
        assert_eq!(error, expected, "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn two_readings() {
    for (text, expected) in [
        (
            "{\"a\":1,\n \"a\":2}",
            "key `a` is in `the document` twice, the second time at line 2, column 2",
        ),
        (
            "{\"ab\":1,\"\\u0061b\":2}",
            "key `ab` is in `the document` twice, the second time at line 1, column 9",
        ),
        (
            "{\"Mounts\":[]}",
            "key `Mounts` in `the document` differs from `mounts` in letter case alone, at line 1, column 2",
        ),
        (
            "{\"hoo\u{212A}s\":{}}",
            "key `hoo\u{212A}s` in `the document` differs from `hooks` in letter case alone, at line 1, column 2",
        ),
    ] {
        assert_eq!(
            Document::parse(text.as_bytes()).unwrap_err().to_string(),
            expected,
            "{text}"
        );
    }
}

#[test]
fn wrong_within() {
    for (text, reader, expected) in [
        (
            "{\"process\":[]}",
            ENV,
            "`process` is an array and must be an object, at line 1, column 12",
        ),
        (
            "{\"process\":{\"env\":\"A=1\"}}",
            ENV,
            "`process.env` is a string and must be an array, at line 1, column 19",
        ),
        (
            "{\"process\":{\"env\":[\"A=1\",\"B\"]}}",
            ENV,
            "`process.env[1]` is `B`, without a `=`",
        ),
        (
            "{\"process\":{\"env\":[\"A=1\",null]}}",
            ENV,
            "`process.env[1]` is not readable at line 1, column 29: invalid type: null, expected a string",
        ),
        (
            "{\"process\":{\"env\":[\"A=\\ud800\"]}}",
            ENV,
            "`process.env[0]` is not readable at line 1, column 29: unexpected end of hex escape",
        ),
        (
            "{\"process\":{\"env\":[],\n\"env\":[]}}",
            ENV,
            "key `env` is in `process` twice, the second time at line 2, column 1",
        ),
        (
            "{\"process\":{\"Env\":[]}}",
            ENV,
            "key `Env` in `process` differs from `env` in letter case alone, at line 1, column 13",
        ),
        (
            "{\"root\":[\"/r\"]}",
            ROOT,
            "`root` is an array and must be an object, at line 1, column 9",
        ),
        (
            "{\"root\":\n{\"path\":7}}",
            ROOT,
            "`root` is not readable at line 2, column 9: invalid type: integer `7`, expected path string",
        ),
        (
            "{\"ociVersion\":\"1.0.2\",\"process\":{\"capabilities\":[\"CAP_SYS_ADMIN\"]}}",
            CAPABILITIES,
            "`process.capabilities` is an array and must be an object, at line 1, column 49",
        ),
        (
            "{\"mounts\":[[\"/a\"]]}",
            MOUNTS,
            "`mounts[0]` is an array and must be an object, at line 1, column 12",
        ),
        (
            "{\"mounts\":[{\"destination\":\"/a\"},{\"source\":\"/b\"}]}",
            MOUNTS,
            "`mounts[1]` is not readable at line 1, column 47: missing field `destination`",
        ),
        (
            "{\"hooks\":{\"prestart\":[{\"path\":\"/a\",\"timeout\":1.5}]}}",
            PRESTART,
            "`hooks.prestart[0]` is not readable at line 1, column 48: invalid type: floating point `1.5`, expected i64",
        ),
        (
            "{\"annotations\":{\"a\":1}}",
            ANNOTATIONS,
            "`annotations.a` is not readable at line 1, column 21: invalid type: integer `1`, expected a string",
        ),
        (
            "{\"annotations\":{\"a\":\"\",\"a\":\"\"}}",
            ANNOTATIONS,
            "key `a` is in `annotations` twice, the second time at line 1, column 24",
        ),
        (
            "{\"ociVersion\":1}",
            VERSION,
            "`ociVersion` is not readable at line 1, column 15: invalid type: integer `1`, expected a string",
        ),
    ] {
        let document = Document::parse(text.as_bytes()).unwrap();
        assert_eq!(
            reader(&document).unwrap_err().to_string(),
            expected,
            "{text}"
        );
    }
}

#[test]
fn null_is_absent() {
    for text in [
        "{}",
        r#"{"process":null,"root":null,"mounts":null,"hooks":null,"annotations":null,"ociVersion":null}"#,
        r#"{"process":{"env":null,"capabilities":null,"user":null},"hooks":{"prestart":null}}"#,
        r#"{"process":{"capabilities":{"bounding":null},"user":{"additionalGids":null}},"root":{"path":null},"annotations":{"a":null}}"#,
    ] {
        let document = Document::parse(text.as_bytes()).unwrap();
        assert_eq!(document.env().unwrap(), []);
        assert_eq!(document.root().unwrap().path.to_str(), Some(""));
        assert_eq!(document.bounding_capabilities().unwrap(), [""; 0]);
        assert_eq!(document.mounts().unwrap(), []);
        assert_eq!(document.prestart_hooks().unwrap(), []);
        assert!(document.annotations().unwrap().is_empty());
        assert_eq!(document.oci_version().unwrap(), None);
        assert_eq!(document.user().unwrap(), liftgate_oci::User::default());
    }
}

#[test]
fn one_list_of_capabilities_in_early_versions() {
    let text = r#"{"ociVersion":"1.0.0-rc2","process":{"capabilities":["CAP_SYS_ADMIN"]}}"#;
    assert_eq!(
        Document::parse(text.as_bytes())
            .unwrap()
            .bounding_capabilities()
            .unwrap(),
        ["CAP_SYS_ADMIN"]
    );
    let text =
        r#"{"ociVersion":"1.0.0-rc2","process":{"capabilities":{"bounding":["CAP_SYS_ADMIN"]}}}"#;
    assert!(
        Document::parse(text.as_bytes())
            .unwrap()
            .bounding_capabilities()
            .is_err()
    );
}

#[test]
fn size_and_depth() {
    let large = vec![b' '; MAX_BYTES + 1];
    assert_eq!(
        Document::parse(&large).unwrap_err(),
        OciError::TooLarge {
            size: MAX_BYTES + 1,
            limit: MAX_BYTES
        }
    );
    let deep = format!(
        "{{\"future\":{}{}}}",
        "[".repeat(1_000_000),
        "]".repeat(1_000_000)
    );
    assert_eq!(
        Document::parse(deep.as_bytes()).unwrap().to_bytes(),
        deep.as_bytes()
    );
    let deep = format!(
        "{{\"mounts\":[{}{}]}}",
        "[".repeat(1_000_000),
        "]".repeat(1_000_000)
    );
    assert!(Document::parse(deep.as_bytes()).unwrap().mounts().is_err());
}
