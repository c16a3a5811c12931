//! `liftgate dockerfile new`: what it writes, and what it leaves alone. What is in the files is the matter of the tests of
//! `recipe`.

use crate::documents::{broken_ones_are_noticed, document, schema};
use crate::ground::{Place, Stage, trial};
use crate::validator::validate;
use libtest_mimic::Trial;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

const WRITTEN: [&str; 3] = [".dockerignore", "Dockerfile", "compose.yaml"];
const TARGET: [&str; 4] = ["--gpu", "T4", "--driver", "535.183.01"];

pub(crate) fn trials() -> Vec<Trial> {
    let h200 = Place::Inside("h200-580");
    vec![
        trial("dockerfile::files", Place::Anywhere, files),
        trial(
            "dockerfile::what_is_there_stays",
            Place::Anywhere,
            what_is_there_stays,
        ),
        trial(
            "dockerfile::links_are_left_alone",
            Place::Anywhere,
            links_are_left_alone,
        ),
        trial(
            "dockerfile::other_compose_files",
            Place::Anywhere,
            other_compose_files,
        ),
        trial(
            "dockerfile::print_writes_nothing",
            Place::Anywhere,
            print_writes_nothing,
        ),
        trial("dockerfile::names", Place::Anywhere, names),
        trial("dockerfile::directories", Place::Anywhere, directories),
        trial("dockerfile::json", Place::Anywhere, json),
        trial("dockerfile::this_machine", h200, this_machine),
        trial("dockerfile::jetson", Place::Inside("orin-csv"), jetson),
        trial("dockerfile::command_lines", Place::Anywhere, command_lines),
    ]
}

fn new(kind: &'static str, more: &[&'static str]) -> Vec<&'static str> {
    [&["dockerfile", "new", kind, "DIR"], &TARGET[..], more].concat()
}

/// The names in the directory, in order.
fn names_in(stage: &Stage) -> Vec<String> {
    let entries = fs::read_dir(stage.directory()).expect("a directory");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("text")
        })
        .collect();
    names.sort();
    names
}

fn read(stage: &Stage, name: &str) -> String {
    fs::read_to_string(stage.directory().join(name)).expect("a file")
}

fn files(stage: &Stage) {
    for kind in ["cuda", "pytorch", "tensorflow", "jax", "library", "serving"] {
        let output = stage.run(&new(kind, &["--force"]));
        assert!(output.status.success(), "{kind}: {output:?}");
        assert_eq!(names_in(stage), WRITTEN, "{kind}");
        let dockerfile = read(stage, "Dockerfile");
        assert!(
            dockerfile.contains(&format!("liftgate dockerfile new {kind}")),
            "{kind}"
        );
        // What is printed is what is written.
        let printed = stage.run(&new(kind, &["--print"])).stdout;
        assert_eq!(String::from_utf8_lossy(&printed), dockerfile, "{kind}");
        let mode = fs::metadata(stage.directory().join("Dockerfile"))
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o644);
    }
    for name in WRITTEN {
        fs::remove_file(stage.directory().join(name)).expect("it is there");
    }
    assert!(stage.run(&new("cuda", &["--no-compose"])).status.success());
    assert_eq!(names_in(stage), WRITTEN[..2]);
}

/// One of three is there: none of the others is written.
fn what_is_there_stays(stage: &Stage) {
    for name in WRITTEN {
        stage.write(name, "mine\n");
        let output = stage.run(&new("cuda", &[]));
        assert_eq!(output.status.code(), Some(3), "{name}");
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(
            words.contains(&format!("/{name}` is there already\n")),
            "{words}"
        );
        assert_eq!(names_in(stage), [name]);
        assert_eq!(read(stage, name), "mine\n");
        fs::remove_file(stage.directory().join(name)).expect("it is there");
    }
    stage.write("Dockerfile", "mine\n");
    assert!(stage.run(&new("cuda", &["--force"])).status.success());
    assert!(read(stage, "Dockerfile").starts_with("# syntax="));
    assert_eq!(names_in(stage), WRITTEN);
}

/// A link is not written through, not even to nothing, and not replaced.
fn links_are_left_alone(stage: &Stage) {
    stage.write("elsewhere/file", "theirs\n");
    let link = stage.directory().join("Dockerfile");
    for target in ["elsewhere/file", "elsewhere/nothing"] {
        symlink(target, &link).expect("a link");
        for more in [&[][..], &["--force"]] {
            let output = stage.run(&new("cuda", more));
            assert_eq!(output.status.code(), Some(3), "{target} {more:?}");
            let words = String::from_utf8_lossy(&output.stderr);
            assert!(words.contains("is no regular file"), "{words}");
            assert_eq!(read(stage, "elsewhere/file"), "theirs\n");
            assert_eq!(names_in(stage), ["Dockerfile", "elsewhere"]);
            assert_eq!(
                fs::read_dir(stage.directory().join("elsewhere"))
                    .expect("a directory")
                    .count(),
                1
            );
        }
        fs::remove_file(&link).expect("it is there");
    }
    fs::create_dir(&link).expect("a directory");
    assert_eq!(stage.run(&new("cuda", &["--force"])).status.code(), Some(3));
}

/// Compose takes `compose.yaml` before the other names.
fn other_compose_files(stage: &Stage) {
    for name in ["compose.yml", "docker-compose.yaml", "docker-compose.yml"] {
        stage.write(name, "services: {}\n");
        let output = stage.run(&new("cuda", &[]));
        assert_eq!(output.status.code(), Some(3), "{name}");
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(
            words.contains(&format!(
                "/{name}` is there already, and Compose would read compose.yaml instead"
            )),
            "{words}"
        );
        assert_eq!(names_in(stage), [name]);
        assert!(
            stage
                .run(&new("cuda", &["--no-compose", "--force"]))
                .status
                .success()
        );
        for name in names_in(stage) {
            fs::remove_file(stage.directory().join(name)).expect("it is there");
        }
    }
}

fn print_writes_nothing(stage: &Stage) {
    stage.write("Dockerfile", "mine\n");
    for (option, start) in [
        ("--print", "# syntax="),
        ("--print=dockerfile", "# syntax="),
        ("--print=ignore", "# What the image does not need"),
        ("--print=compose", "# docker compose run"),
    ] {
        let output = stage.run(&new("pytorch", &[option]));
        assert!(output.status.success(), "{option}");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.starts_with(start), "{option}: {text}");
        assert_eq!(names_in(stage), ["Dockerfile"]);
        assert_eq!(read(stage, "Dockerfile"), "mine\n");
    }
}

/// The name is the directory's, as far as an image can have it.
fn names(stage: &Stage) {
    for (directory, name) in [("My Project_2", "my-project-2"), ("日本", "app")] {
        stage.write(&format!("{directory}/main.cu"), "");
        let path = format!("DIR/{directory}");
        let output = stage.run(&["dockerfile", "new", "cuda", &path, "--gpu", "T4", "--print"]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            text.contains(&format!("ENTRYPOINT [\"/usr/local/bin/{name}\"]")),
            "{text}"
        );
    }
    for name in ["Saxpy", "a b", "-a", "a--b", "", "$(id)"] {
        let output = stage.run(&[
            "dockerfile",
            "new",
            "cuda",
            "DIR",
            "--gpu",
            "T4",
            "--print",
            &format!("--name={name}"),
        ]);
        assert_eq!(output.status.code(), Some(2), "{name}");
    }
}

/// What lies in a directory decides how it is built. Nothing of it is followed, and no name gets into a command that a shell
/// takes for more.
fn directories(stage: &Stage) {
    let print = |directory: &str, kind: &str| {
        let path = format!("DIR/{directory}");
        let output = stage.run(&[
            "dockerfile",
            "new",
            kind,
            &path,
            "--gpu",
            "T4",
            "--driver",
            "580",
            "--name",
            "x",
            "--print",
        ]);
        assert!(output.status.success(), "{directory}: {output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    stage.write("make/Makefile", "TARGET = saxpy\n");
    assert!(print("make", "cuda").contains("install -D --mode=0755 saxpy /out/bin/x"));
    stage.write("cmake/CMakeLists.txt", "add_executable(saxpy main.cu)\n");
    assert!(print("cmake", "cuda").contains("-DCMAKE_CUDA_ARCHITECTURES=\"75\""));
    stage.write("flat/main.cu", "#include <cublas_v2.h>\n");
    stage.write("flat/help.cpp", "#include <cudnn.h>\n");
    let text = print("flat", "cuda");
    assert!(
        text.contains("-o /out/bin/x help.cpp main.cu -lcublas -lcudnn\n"),
        "{text}"
    );
    assert!(text.contains("-cudnn-runtime-"), "{text}");
    stage.write("odd/a b.cu", "");
    stage.write("odd/$(touch x).cu", "");
    stage.write("odd/-o.cu", "");
    stage.write("odd/main.cu", "");
    assert!(print("odd", "cuda").contains("-o /out/bin/x main.cu\n"));
    stage.write("odd/src/k.cu", "");
    assert!(print("odd", "library").contains("-o /out/lib/libx.so src/*.cu"));
    stage.write(
        "python/pyproject.toml",
        "[project]\nname = \"my-package\"\n",
    );
    assert!(print("python", "pytorch").contains("CMD [\"python\", \"-m\", \"my_package\"]"));
    stage.write("python/requirements.txt", "six\n");
    stage.write("python/train.py", "");
    let text = print("python", "jax");
    assert!(
        text.contains("CMD [\"python\", \"train.py\"]")
            && text.contains("--requirement requirements.txt"),
        "{text}"
    );
    // A pipe would keep whoever opens it waiting, and a file without end whoever reads it.
    fs::create_dir(stage.directory().join("pipe")).expect("a directory");
    let pipe = stage.directory().join("pipe/Makefile");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .expect("mkfifo")
            .success()
    );
    symlink("/dev/zero", stage.directory().join("pipe/main.cu")).expect("a link");
    print("pipe", "cuda");
}

fn json(stage: &Stage) {
    let schema = schema(stage, "dockerfile-new");
    let arguments = [
        "dockerfile",
        "new",
        "pytorch",
        "DIR",
        "--gpu",
        "V100",
        "--gpu",
        "sm_80",
        "--driver",
        "580.95.05",
        "--json",
    ];
    let document = document(stage, &arguments, 0);
    assert_eq!(validate(&schema, &document), Ok(()));
    broken_ones_are_noticed(&schema, &document);
    assert_eq!(document["kind"], "pytorch");
    assert_eq!(document["target"]["from"], "asked");
    assert_eq!(document["target"]["driver_cuda"], "13.0");
    assert_eq!(document["target"]["gpus"][1]["capability"], "8.0");
    let choices = document["choices"].as_array().expect("a list");
    assert!(
        choices
            .iter()
            .any(|choice| choice["value"] == "torch==2.14.1+cu126"),
        "{choices:?}"
    );
    assert_eq!(document["files"].as_array().map(Vec::len), Some(3));
    assert_eq!(names_in(stage), WRITTEN);
}

fn this_machine(stage: &Stage) {
    let document = document(stage, &["dockerfile", "new", "cuda", "DIR", "--json"], 0);
    assert_eq!(document["target"]["from"], "here");
    assert_eq!(document["target"]["gpus"][0]["model"], "H200");
    assert_eq!(document["target"]["driver_cuda"], "13.0");
    let text = read(stage, "Dockerfile");
    assert!(
        text.contains("FROM nvidia/cuda:13.0.") && text.contains("-arch=sm_90"),
        "{text}"
    );
}

/// A Jetson runs code that was made for it, and the wheels are not.
fn jetson(stage: &Stage) {
    let output = stage.run(&["dockerfile", "new", "pytorch", "DIR", "--print"]);
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert!(
        words.contains("has code for sm_87") && words.contains("l4t"),
        "{words}"
    );
}

fn command_lines(stage: &Stage) {
    #[rustfmt::skip] // one command line a line
    let cases: &[(&[&str], &str)] = &[
        (&["cuda", "DIR", "--link", "static"], "--link is for libraries"),
        (&["cuda", "DIR", "--python", "3.12"], "a CUDA program has no Python"),
        (&["pytorch", "DIR", "--python", "3"], "`3` is no version of Python"),
        (&["cuda", "DIR", "--cuda", "twelve"], "`twelve` is no version of CUDA"),
        (&["cuda", "DIR", "--gpu", "GTX 9999"], "is no GPU that is known"),
        (&["cuda", "DIR", "--driver", "new"], "`new` is no version of a driver"),
        (&["cuda", "DIR", "--os", "alpine", "--gpu", "T4"], "`alpine` is no operating system that nvidia/cuda is made on"),
        (&["cuda", "DIR", "--cuda", "12.7", "--gpu", "T4"], "there is no image of CUDA 12.7 on Ubuntu"),
        (&["pytorch", "DIR", "--os", "ubuntu22.04", "--gpu", "T4"], "Python's images are made on Debian, not on `ubuntu22.04`"),
        (&["serving", "DIR", "--python", "3.10", "--gpu", "T4"], "the server runs on Ubuntu's own Python, which is 3.12"),
        (&["cuda", "DIR", "--print", "--json"], "cannot be used with"),
        (&["fortran", "DIR"], "invalid value 'fortran'"),
    ];
    for (arguments, sentence) in cases {
        let output = stage.run(&[&["dockerfile", "new"], *arguments].concat());
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {words}");
        assert!(words.contains(sentence), "{arguments:?}: {words}");
        assert_eq!(names_in(stage), [""; 0], "{arguments:?}");
    }
    let output = stage.run(&["dockerfile", "new", "cuda", "DIR/nowhere", "--gpu", "T4"]);
    assert_eq!(output.status.code(), Some(3));
}
