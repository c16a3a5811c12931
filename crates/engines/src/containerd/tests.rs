use super::*;

#[test]
fn releases() {
    let parsed = Release::parse("1.6.20~ds1");
    assert_eq!(parsed, Some(Release { major: 1, minor: 6 }));
    assert_eq!(
        Release::parse("v2.1.4"),
        Some(Release { major: 2, minor: 1 })
    );
    assert_eq!(Release::parse("2"), None);
}
