use std::fmt::Write as _;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

fn value(text: &str, value: Value<'_>) -> String {
    let written = value.written().of(text).replace('\n', "⏎");
    if value.is_shared() {
        format!("{written} (as {})", value.used().of(text))
    } else {
        written
    }
}

fn request(text: &str, request: &DeviceRequest<'_>) -> String {
    let mut words = Vec::new();
    if let Some(driver) = request.driver {
        words.push(format!("driver={}", value(text, driver.value)));
    }
    if let Some((entry, count)) = request.count {
        words.push(format!("count={}:{count:?}", value(text, entry.value)));
    }
    for id in &request.ids {
        words.push(format!("id={}", value(text, *id)));
    }
    for name in &request.capability_names {
        words.push(format!("capability={}", value(text, *name)));
    }
    for option in &request.options {
        words.push(format!("option={}={:?}", option.name, option.value));
    }
    for entry in &request.unknown {
        words.push(format!("unknown={}", value(text, entry.key)));
    }
    words.push(format!("gpus={}", request.is_for_gpus()));
    words.join(" ")
}

/// All that the view has, line by line.
fn shown(text: &str) -> String {
    let yaml = Yaml::read(text);
    let compose = Compose::of(&yaml, text);
    let mut out = String::new();
    let mut line = |text: String| writeln!(out, "{text}").unwrap();
    if let Some(version) = compose.version {
        line(format!("version {}", value(text, version.value)));
    }
    for misplaced in &compose.misplaced {
        line(format!(
            "misplaced {} → {}",
            misplaced.path, misplaced.belongs
        ));
    }
    for error in &compose.errors {
        line(format!("error {}: {error}", error.span.of(text)));
    }
    for service in &compose.services {
        let whole = if service.is_whole() {
            ""
        } else {
            " (not whole)"
        };
        line(format!("service {}{whole}", service.name));
        for (name, entry) in [
            ("image", service.image),
            ("runtime", service.runtime),
            ("shm_size", service.shm_size),
            ("ipc", service.ipc),
            ("privileged", service.privileged),
            ("command", service.command),
            ("entrypoint", service.entrypoint),
            ("platform", service.platform),
            ("user", service.user),
            ("pid", service.pid),
            ("network_mode", service.network_mode),
            ("generic_resources", service.generic_resources),
        ] {
            if let Some(entry) = entry {
                line(format!("  {name} {}", value(text, entry.value)));
            }
        }
        if let Some(build) = &service.build {
            for (name, inner) in [
                ("context", build.context),
                ("dockerfile", build.dockerfile.map(|entry| entry.value)),
                ("target", build.target.map(|entry| entry.value)),
                ("shm_size", build.shm_size.map(|entry| entry.value)),
            ] {
                if let Some(inner) = inner {
                    line(format!("  build.{name} {}", value(text, inner)));
                }
            }
            for arg in &build.args {
                let place = arg.value_place.written.of(text);
                line(format!(
                    "  build.args {} = {:?} at {place}",
                    arg.name, arg.value
                ));
            }
        }
        match &service.gpus {
            Some(Gpus::Short(entry)) => line(format!("  gpus {}", value(text, entry.value))),
            Some(Gpus::List(requests)) => {
                for it in &requests.requests {
                    line(format!("  gpus: {}", request(text, it)));
                }
            }
            None => {}
        }
        for it in service.reservations.iter().flat_map(|it| &it.requests) {
            line(format!("  reservation: {}", request(text, it)));
        }
        for misplaced in &service.misplaced {
            line(format!(
                "  misplaced {} → {}",
                misplaced.path, misplaced.belongs
            ));
            for it in &misplaced.requests {
                line(format!("    {}", request(text, it)));
            }
        }
        for device in &service.devices {
            let Device {
                source,
                target,
                permissions,
                ..
            } = device;
            let is_cdi = device.is_cdi();
            line(format!(
                "  device {source} {target:?} {permissions:?} cdi={is_cdi}"
            ));
        }
        for it in &service.environment {
            let written = it.value_place.written.of(text);
            let used = it.value_place.used.of(text);
            line(format!(
                "  env {} = {:?} at {written} used {used}",
                it.name, it.value
            ));
        }
        for limit in &service.ulimits {
            line(format!(
                "  ulimit {} {:?} {:?}",
                limit.name, limit.soft, limit.hard
            ));
        }
        for volume in &service.volumes {
            let Volume {
                source,
                target,
                options,
                ..
            } = volume;
            line(format!("  volume {source:?} {target:?} {options:?}"));
        }
        for (name, values) in [
            ("env_file", &service.env_files),
            ("profile", &service.profiles),
            ("cap_add", &service.cap_add),
            ("security_opt", &service.security_opt),
            ("group_add", &service.group_add),
        ] {
            for it in values {
                line(format!("  {name} {}", value(text, *it)));
            }
        }
        if let Some(extends) = service.extends {
            let file = extends.file.map(|file| value(text, file));
            let of = extends.service.map(|it| value(text, it));
            let base = compose.base(service).map(|base| base.name);
            line(format!("  extends {of:?} of {file:?}: {base:?}"));
        }
        for (path, entry) in &service.unknown {
            line(format!("  unknown {path} at {}", value(text, entry.key)));
        }
    }
    out
}

const ALL: &str = r#"version: "3.8"
x-gpu: &gpu
  resources:
    reservations:
      devices:
        - driver: nvidia
          count: all
          capabilities: [gpu, utility]
x-env: &env
  NCCL_DEBUG: INFO
  HF_HOME: /cache
services:
  trainer: &trainer
    image: ${REGISTRY:-docker.io}/trainer:1
    build:
      context: ./trainer
      dockerfile: gpu.Dockerfile
      target: run
      shm_size: 1g
      args:
        - CUDA=12.8.1
        - "FLAVOUR=devel"
        - HTTP_PROXY
    deploy: *gpu
    environment:
      <<: *env
      NVIDIA_VISIBLE_DEVICES: "${GPUS:-all}"
      EMPTY:
    env_file:
      - .env
      - {path: gpu.env, required: false}
    shm_size: '8gb'
    ipc: host
    ulimits:
      memlock: -1
      stack: {soft: 67108864, hard: "67108864"}
    privileged: yes
    command: ["python", "train.py"]
    entrypoint: /entry.sh --fast
    platform: linux/amd64
    user: "1000"
    pid: host
    network_mode: host
    cap_add: [SYS_ADMIN]
    security_opt: ["seccomp:unconfined"]
    group_add: [44, video]
    profiles: [gpu]
    volumes:
      - ${DATA:-/data}:/data:ro
      - cache:/cache
      - /anonymous
      - {type: bind, source: ., target: /src}
    devices:
      - /dev/nvidia0:/dev/nvidia0:rwm
      - nvidia.com/gpu=all
      - {source: /dev/nvidiactl, permissions: r}
  other:
    <<: *trainer
    image: other
    extends: trainer
    runtime: nvidia
    environment:
      - NVIDIA_VISIBLE_DEVICES=0,1
      - "QUOTED=a=b"
      - 'ESCAPED=it''s'
      - PASSED
  third:
    extends: {file: base.yaml, service: gpu}
    gpus:
      - driver: nvidia
        device_ids: ['0', GPU-5]
        options: {virtualization: false}
        colour: green
    deploy:
      resources:
        limit: {}
        reservations:
          devices:
            - count: 2
              device_ids: ["1"]
            - {driver: cdi, count: "3", capabilities: [[gpu]]}
            - {count: "${N}", capabilities: gpu}
            - {count: many, capabilities: [tpu]}
          generic_resources:
            - discrete_resource_spec: {kind: gpu, value: 2}
    x-own: 1
    imagee: typo
  short: {image: a, gpus: all}
  number: {image: a, gpus: 2, ports: !reset []}
"#;

#[test]
fn everything_is_seen() {
    insta::assert_snapshot!(shown(ALL));
}

const WRONG: &str = r"
gpus: all
deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}
services:
  limits:
    deploy:
      resources:
        limits:
          devices:
            - {driver: nvidia, count: 1, capabilities: [gpu]}
  above:
    deploy: {resources: {devices: [{capabilities: [gpu]}], gpus: 1}}
  higher:
    deploy: {devices: [{capabilities: [gpu]}], gpus: all, runtime: nvidia}
  highest:
    resources: {reservations: {devices: [{capabilities: [gpu]}]}}
  no-deploy:
    reservations: {devices: [{capabilities: [gpu]}]}
  no-resources:
    deploy: {reservations: {devices: [{capabilities: [gpu]}]}}
  no-list:
    deploy: {resources: {reservations: {devices: {driver: nvidia, capabilities: [gpu]}}}}
  no-devices:
    deploy: {resources: {reservations: {driver: nvidia, count: 1, capabilities: [gpu]}}}
  nodes:
    devices:
      - driver: nvidia
        count: 1
        capabilities: [gpu]
      - /dev/dri
  own-driver:
    devices: [{source: /dev/a, driver: b}]
  build:
    build: {context: ., runtime: nvidia, gpus: all}
  run:
    gpu: all
    device_requests: [{driver: nvidia}]
  list: [a]
  text: b
  nothing:
";

#[test]
fn what_stands_in_a_wrong_place_is_seen() {
    insta::assert_snapshot!(shown(WRONG));
}

#[test]
fn no_shape_breaks_it() {
    for (text, expected) in [
        ("", ""),
        ("services:", ""),
        ("services: {}", ""),
        ("a: b", ""),
        ("[a]", "error [a]: no mapping, and so no compose file\n"),
        ("text", "error text: no mapping, and so no compose file\n"),
        (
            "services: [a]",
            "error [a]: `services` is no mapping of names to services\n",
        ),
        (
            "services: {a: {environment: 1, ulimits: [], volumes: {}, devices: x, build: [], gpus: {}, deploy: []}}",
            "service a\n  gpus: gpus=false\n  device x None None cdi=false\n",
        ),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn words_of_a_list_have_their_places() {
    for (text, place) in [
        ("services: {a: {environment: [A=bc]}}", "bc"),
        ("services: {a: {environment: ['A=bc']}}", "bc"),
        ("services: {a: {environment: [\"A=bc\"]}}", "bc"),
        (
            "services: {a: {environment: [\"A=b\\u0063\"]}}",
            "\"A=b\\u0063\"",
        ),
        ("services: {a: {environment: ['A=é😀']}}", "é😀"),
        ("services: {a: {environment: [A=]}}", ""),
        ("services: {a: {environment: [A]}}", "A"),
        (
            "services:\n  a:\n    environment:\n    - A=b\n      c",
            "A=b\n      c",
        ),
    ] {
        let yaml = Yaml::read(text);
        let compose = Compose::of(&yaml, text);
        let found = compose.services[0].variable("A").unwrap();
        assert_eq!(found.value_place.written.of(text), place, "{text}");
    }
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect::<Vec<_>>().concat()
}

#[test]
fn aliases_do_not_multiply() {
    let list = lines(20_000, |at| {
        format!(
            "  K{at}: v
"
        )
    });
    let users = lines(20_000, |at| {
        format!(
            "  s{at}: {{environment: *e, devices: *l, deploy: *e}}
"
        )
    });
    let nodes = "- /dev/nvidia0\n".repeat(20_000);
    let text = format!("x: &e\n{list}y: &l\n{nodes}services:\n{users}");
    let began = Instant::now();
    let yaml = Yaml::read(&text);
    let compose = Compose::of(&yaml, &text);
    assert!(
        began.elapsed() < Duration::from_secs(60),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(compose.errors.len(), 1);
    let values: usize = compose.services.iter().map(|it| it.environment.len()).sum();
    assert!(values <= MOST_VALUES && !compose.services.is_empty());
}

fn check(text: &str) {
    let yaml = Yaml::read(text);
    let compose = Compose::of(&yaml, text);
    let is_place = |span: Span| {
        assert!(span.end <= text.len());
        assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
    };
    for service in &compose.services {
        for it in service
            .environment
            .iter()
            .chain(service.build.iter().flat_map(|it| &it.args))
        {
            for place in [it.name_place, it.value_place] {
                is_place(place.used);
                is_place(place.written);
            }
        }
        for assignment in &service.environment {
            let _ = Template::of(assignment.value.unwrap_or_default()).resolved();
        }
    }
    let _ = shown(text);
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in "[-a:?&*<|>'\"{}\\[\\],# \n$=é]{0,60}") {
        check(&format!("services:\n  a:\n    {text}"));
    }

    #[test]
    fn no_fields_break_it(fields in proptest::collection::vec(
        ("(image|gpus|deploy|devices|environment|volumes|ulimits|build|extends|env_file|shm_size|x-a)",
         prop_oneof![
            Just("all"), Just("[a, {b: c}, [d]]"), Just("{a: 1, devices: [{count: 1}]}"), Just("&x {resources: {reservations: *x}}"),
            Just("&y {resources: {limits: {devices: [{driver: x}]}}}"), Just("*y"), Just("{<<: *y}"), Just("|\n      a=b"), Just("'a=''b'"), Just("")
         ]), 0..8)) {
        let lines: Vec<String> = fields.iter().map(|(key, value)| format!("    {key}: {value}\n")).collect();
        check(&format!("services:\n  a:\n{}", lines.concat()));
    }
}
