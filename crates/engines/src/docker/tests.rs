use super::*;

fn wish() -> Wish {
    Wish {
        name: "nvidia".into(),
        path: "nvidia-container-runtime".into(),
        is_default: false,
        with_cdi: false,
    }
}

fn added(text: &str, wish: &Wish) -> String {
    let (edited, _) = add(text, wish).unwrap();
    let (again, _) = add(&edited, wish).unwrap();
    assert_eq!(again, edited, "a second time changes nothing");
    edited
}

#[test]
fn from_nothing() {
    let expected = r#"{
    "runtimes": {
        "nvidia": {
            "args": [],
            "path": "nvidia-container-runtime"
        }
    }
}
"#;
    for text in ["", " \n", "{}", "{ }", "{}\n"] {
        assert_eq!(added(text, &wish()), expected, "{text:?}");
    }
}
