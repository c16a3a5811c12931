//! The loader's path, and what lies on it.

use crate::table::{Case, check, of};
use liftgate_lint::{Language, Settings};

const CASES: &[Case] = &[
    // Files.
    ("a file", "FROM ubuntu:22.04\nENV LD_LIBRARY_PATH=/opt/libx.so.1:/y\n", "LG301:2"),
    ("a directory that is called so", "FROM ubuntu:22.04\nENV LD_LIBRARY_PATH=/opt/libx.so.d\n", ""),
    ("another variable", "FROM ubuntu:22.04\nENV LD_PRELOAD=/opt/libx.so.1\n", ""),
    // The image's own value.
    ("overwritten", "FROM nvidia/cuda:13.0.3-base-ubuntu24.04\nENV LD_LIBRARY_PATH=/opt/lib\n", "LG302:2"),
    ("the old form", "FROM nvidia/cuda:13.0.3-base-ubuntu24.04\nENV LD_LIBRARY_PATH /opt/lib\n", "LG302:2"),
    ("kept", "FROM nvidia/cuda:13.0.3-base-ubuntu24.04\nENV LD_LIBRARY_PATH=/opt/lib:$LD_LIBRARY_PATH\n", ""),
    ("kept with a default", "FROM nvidia/cuda:13.0.3-base-ubuntu24.04\nENV LD_LIBRARY_PATH=/opt/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}\n", ""),
    ("one's own may be overwritten", "FROM nvidia/cuda:13.0.3-base-ubuntu24.04\nENV LD_LIBRARY_PATH=/a:$LD_LIBRARY_PATH\nENV LD_LIBRARY_PATH=/b\n", ""),
    ("an unknown image's", "FROM example/x\nENV LD_LIBRARY_PATH=/opt/lib\n", ""),
    // Stubs.
    ("stubs", "FROM ubuntu:22.04\nENV LD_LIBRARY_PATH=/usr/local/cuda/lib64/stubs/\n", "LG303:2"),
    ("stubs for the linker", "FROM ubuntu:22.04\nENV LIBRARY_PATH=/usr/local/cuda/lib64/stubs\n", ""),
    ("stubs by a variable", "FROM ubuntu:22.04\nENV C=/usr/local/cuda\nENV LD_LIBRARY_PATH=$C/lib64/stubs:/x\n", "LG303:3"),
    ("stubs where nothing runs", "FROM ubuntu:22.04 AS b\nENV LD_LIBRARY_PATH=/usr/local/cuda/lib64/stubs\nFROM ubuntu:22.04\nCOPY --from=b /a /a\n", ""),
    ("stubs below the image that runs", "FROM ubuntu:22.04 AS b\nENV LD_LIBRARY_PATH=/usr/local/cuda/lib64/stubs\nFROM b\n", "LG303:2"),
    ("stubs in a file of the loader's", "FROM ubuntu:22.04\nRUN echo \"/usr/local/cuda/lib64/stubs\" > /etc/ld.so.conf.d/z.conf && ldconfig\n", "LG303:2"),
    ("stubs while something is built", "FROM ubuntu:22.04\nRUN ldconfig /usr/local/cuda/lib64/stubs && make && ldconfig\n", ""),
    // Forward compatibility.
    ("compat", "FROM ubuntu:22.04\nENV LD_LIBRARY_PATH=/usr/local/cuda-12.4/compat/:$LD_LIBRARY_PATH\n", "LG304:2"),
    ("another compat", "FROM ubuntu:22.04\nENV LD_LIBRARY_PATH=/opt/compat\n", ""),
    ("compat where nothing runs", "FROM ubuntu:22.04 AS b\nENV LD_LIBRARY_PATH=/usr/local/cuda/compat\nFROM ubuntu:22.04\nCOPY --from=b /a /a\n", ""),
    ("compat in a file of the loader's", "FROM ubuntu:22.04\nRUN echo /usr/local/cuda-11.2/compat >> /etc/ld.so.conf.d/989.conf && ldconfig\n", "LG304:2"),
    ("by way of tee", "FROM ubuntu:22.04\nRUN echo /usr/local/cuda/compat | tee /etc/ld.so.conf.d/c.conf\n", "LG304:2"),
    ("compat in the cache", "FROM ubuntu:22.04\nRUN ldconfig /usr/local/cuda-$(echo $CUDA_VERSION | cut -d. -f1,2)/compat/\n", "LG304:2"),
    ("made anew later", "FROM ubuntu:22.04\nRUN ldconfig /usr/local/cuda/compat\nRUN apt-get install -y x\n", ""),
    ("read from another file", "FROM ubuntu:22.04\nRUN ldconfig -f /usr/local/cuda/compat\n", ""),
    ("for new shells", "FROM ubuntu:22.04\nRUN echo 'export LD_LIBRARY_PATH=/usr/local/cuda/compat:$LD_LIBRARY_PATH' >> ~/.bashrc\n", "LG304:2"),
    ("for everybody who logs in", "FROM ubuntu:22.04\nRUN echo \"LD_LIBRARY_PATH=/x:/usr/local/cuda/compat\" >> /etc/environment\n", "LG304:2"),
    ("said, and not written", "FROM ubuntu:22.04\nRUN echo LD_LIBRARY_PATH=/usr/local/cuda/compat\n", ""),
    ("written into something else", "FROM ubuntu:22.04\nRUN echo /usr/local/cuda/compat > /tmp/notes\n", ""),
    // A static library.
    ("a static one", "FROM ubuntu:22.04\nWORKDIR /a\nRUN ar rcs libx.a x.o\nENV LD_LIBRARY_PATH=/a\n", "LG305:4"),
    ("a shared one beside it", "FROM ubuntu:22.04\nWORKDIR /a\nRUN ar rcs libx.a x.o && g++ -shared -o libx.so x.o\nENV LD_LIBRARY_PATH=/a\n", ""),
    ("make may make both", "FROM ubuntu:22.04\nWORKDIR /a\nRUN ar rcs libx.a x.o && make\nENV LD_LIBRARY_PATH=/a\n", ""),
    ("elsewhere", "FROM ubuntu:22.04\nWORKDIR /a\nRUN ar rcs libx.a x.o\nENV LD_LIBRARY_PATH=/b\n", ""),
    // The driver's libraries.
    ("copied", "FROM ubuntu:22.04\nCOPY libcuda.so.1 /usr/lib/x86_64-linux-gnu/\n", "LG306:2"),
    ("copied where nothing runs", "FROM ubuntu:22.04 AS b\nCOPY libcuda.so.1 /usr/lib/\nFROM ubuntu:22.04\nCOPY --from=b /a /a\n", ""),
    ("linked to the stub", "FROM ubuntu:22.04\nRUN ln -s /usr/local/cuda/lib64/stubs/libcuda.so /usr/lib/libcuda.so.1\n", "LG306:2"),
    ("taken away again", "FROM ubuntu:22.04\nRUN ln -s /usr/local/cuda/lib64/stubs/libcuda.so /usr/lib/libcuda.so.1 && make && rm /usr/lib/libcuda.so.1\n", ""),
    ("for the linker", "FROM ubuntu:22.04\nRUN ln -s /usr/lib/x86_64-linux-gnu/libcuda.so.1 /usr/lib/x86_64-linux-gnu/libcuda.so\n", ""),
    ("the toolkit's own", "FROM ubuntu:22.04\nCOPY libcudart.so.12 /usr/lib/\n", ""),
    // Other majors.
    ("another major", "FROM ubuntu:22.04\nRUN ln -s /l/libcudart.so.12 /l/libcudart.so.11.0\n", "LG307:2"),
    ("the same major", "FROM ubuntu:22.04\nRUN ln -s /l/libcudart.so.12.4 /l/libcudart.so.12\n", ""),
    ("another library", "FROM ubuntu:22.04\nRUN ln -s /l/libfoo.so.1 /l/libfoo.so.2\n", ""),
    // PATH.
    ("PATH", "FROM nvidia/cuda:12.9.2-devel-ubuntu24.04\nENV PATH=/opt/bin\n", "LG309:2"),
    ("PATH kept", "FROM nvidia/cuda:12.9.2-devel-ubuntu24.04\nENV PATH=/opt/bin:$PATH\n", ""),
    ("PATH written out", "FROM nvidia/cuda:12.9.2-devel-ubuntu24.04\nENV PATH=/usr/local/cuda-12.9/bin:/usr/bin\n", ""),
    // Another toolkit.
    ("another toolkit", "FROM nvidia/cuda:12.9.2-devel-ubuntu24.04\nENV CUDA_HOME=/usr/local/cuda-11.8\n", "LG310:2"),
    ("its own", "FROM nvidia/cuda:12.9.2-devel-ubuntu24.04\nENV CUDA_HOME=/usr/local/cuda-12.9\n", ""),
    ("installed", "FROM nvidia/cuda:12.9.2-devel-ubuntu24.04\nRUN apt-get install -y cuda-toolkit-11-8\nENV CUDA_HOME=/usr/local/cuda-11.8\n", ""),
    ("by NVIDIA's installer", "FROM nvidia/cuda:12.9.2-devel-ubuntu24.04\nRUN sh cuda_11.8.0_520.61.05_linux.run --toolkit\nENV CUDA_HOME=/usr/local/cuda-11.8\n", ""),
    ("copied from another image", "FROM nvidia/cuda:12.9.2-devel-ubuntu24.04\nCOPY --from=x /usr/local/cuda-11.8 /usr/local/cuda-11.8\nENV CUDA_HOME=/usr/local/cuda-11.8\n", ""),
];

#[test]
fn loader() {
    check(CASES, Language::Dockerfile, &of(Settings::default(), &["LG3"]));
}

const EMPTY: &[Case] = &[
    ("not set before", "FROM ubuntu:22.04\nENV LD_LIBRARY_PATH=/a:$LD_LIBRARY_PATH\n", "LG308:2"),
    ("set before", "FROM ubuntu:22.04\nENV LD_LIBRARY_PATH=/b\nENV LD_LIBRARY_PATH=/a:$LD_LIBRARY_PATH\n", ""),
    ("set in the stage below", "FROM ubuntu:22.04 AS a\nENV LD_LIBRARY_PATH=/b\nFROM a\nENV LD_LIBRARY_PATH=/a:$LD_LIBRARY_PATH\n", ""),
    ("set by the image", "FROM nvidia/cuda:12.9.2-base-ubuntu24.04\nENV LD_LIBRARY_PATH=/a:$LD_LIBRARY_PATH\n", ""),
    ("an unknown image", "FROM example/x\nENV LD_LIBRARY_PATH=/a:$LD_LIBRARY_PATH\n", ""),
    ("two colons", "FROM example/x\nENV LD_LIBRARY_PATH=/a::/b\n", "LG308:2"),
    ("a colon in an expansion", "FROM ubuntu:22.04\nENV LD_LIBRARY_PATH=/a${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}\n", ""),
];

#[test]
fn empty_entries() {
    check(EMPTY, Language::Dockerfile, &of(Settings::default(), &["LG308"]));
}
