//! Other roots: which paths change, and which stay.

use liftgate_cdi::{RelativeTo, Specification};

const BEFORE: &str = "\
---
cdiVersion: 0.5.0
kind: x.com/gpu
devices:
    - name: a
      containerEdits:
        deviceNodes:
            - path: /driver/dev/a
            - path: /driver/dev/b
              hostPath: /driver-backup/dev/b
            - path: /driver
containerEdits:
    hooks:
        - hookName: createContainer
          path: /driver/bin/hook
          args:
            - hook
            - --link
            - /driver/lib/a::/driver/lib/b
            - /driver/lib
        - hookName: startContainer
          path: /driver/bin/hook
          args:
            - /driver/x
        - hookName: prestart
          path: /driver/bin/hook
          args:
            - /driver/lib/a::b::/driver/c
            - /driver
    mounts:
        - hostPath: /driver/lib/a
          containerPath: /driver/lib/a
        - hostPath: /driverlib
          containerPath: /usr/driver
";

/// The lines of the first text that the transformation changes, with what they become.
fn changes(from: &str, to: &str, relative_to: RelativeTo) -> Vec<String> {
    let mut specification = Specification::parse(BEFORE.as_bytes()).expect("it is one");
    specification.transform_root(from, to, relative_to);
    let after = specification.to_yaml();
    let kept: Vec<&str> = BEFORE.lines().collect();
    let changed = after.lines().filter(|line| !kept.contains(line));
    changed.map(|line| line.trim().to_owned()).collect()
}

#[test]
fn of_the_host() {
    for from in ["/driver", "/driver/"] {
        assert_eq!(
            changes(from, "/run/root", RelativeTo::Host),
            [
                "hostPath: /run/root/dev/a",
                "hostPath: /run/root",
                "path: /run/root/bin/hook",
                "path: /run/root/bin/hook",
                "- /run/root/lib/a::b::/driver/c",
                "- /run/root",
                "- hostPath: /run/root/lib/a",
            ]
        );
    }
}

#[test]
fn of_the_container() {
    assert_eq!(
        changes("/driver", "/", RelativeTo::Container),
        [
            "- path: /dev/a",
            "- path: /dev/b",
            "- path: /",
            "- /lib/a::/lib/b",
            "- /lib",
            "path: /bin/hook",
            "- /x",
            "containerPath: /lib/a",
        ]
    );
}

#[test]
fn roots_that_are_empty_or_the_same() {
    for root in ["/driver", "/", ""] {
        assert_eq!(changes(root, root, RelativeTo::Host), Vec::<String>::new());
    }
    let below = changes("", "/host", RelativeTo::Host);
    assert_eq!(below, changes("/", "/host", RelativeTo::Host));
    assert!(below.contains(&"hostPath: /host/driver/dev/a".to_owned()));
    let relative = changes("/driver", "", RelativeTo::Host);
    assert!(relative.contains(&"- hostPath: lib/a".to_owned()));
}
