//! NVIDIA's packages: their names, versions, paths and relations, with nothing of NVIDIA's in them.
//!
//! Their scripts do three things that matter here: `config.toml` is written by one, and so belongs to no package; so is
//! the link `nvidia-container-toolkit`, which `purge` removes; and `daemon.json` is a configuration file of
//! `nvidia-docker2`.

use crate::machine::Machine;
use libtest_mimic::Failed;

/// Makes them below `/mnt`, on the machine, with its own `dpkg-deb`. A shell text; `package NAME VERSION RELATIONS
/// FILE…` makes one.
const MAKE: &str = r#"
package() {
    name=$1 version=$2 relations=$3; shift 3
    tree=/mnt/trees/$name
    mkdir -p "$tree/DEBIAN"
    printf 'Package: %s\nVersion: %s\nArchitecture: amd64\nMaintainer: a stand-in\nDescription: a stand-in\n' \
        "$name" "$version" >"$tree/DEBIAN/control"
    [ -z "$relations" ] || printf '%b\n' "$relations" >>"$tree/DEBIAN/control"
    for file; do
        mkdir -p "$tree/$(dirname "$file")"
        echo "a stand-in of $file" >"$tree/$file"
        chmod 755 "$tree/$file"
    done
}
script() { cat >"/mnt/trees/$1/DEBIAN/$2"; chmod 755 "/mnt/trees/$1/DEBIAN/$2"; }

package libnvidia-container1 1.17.8-1 '' usr/lib/x86_64-linux-gnu/libnvidia-container.so.1.17.8
ln -s libnvidia-container.so.1.17.8 /mnt/trees/libnvidia-container1/usr/lib/x86_64-linux-gnu/libnvidia-container.so.1
package libnvidia-container-tools 1.17.8-1 'Depends: libnvidia-container1 (>= 1.17.8-1)' usr/bin/nvidia-container-cli
package nvidia-container-toolkit-base 1.17.8-1 '' usr/bin/nvidia-ctk usr/bin/nvidia-cdi-hook \
    usr/bin/nvidia-container-runtime usr/bin/nvidia-container-runtime.cdi usr/bin/nvidia-container-runtime.legacy
script nvidia-container-toolkit-base postinst <<'EOF'
#!/bin/sh
if [ "$1" = configure ] && [ ! -e /etc/nvidia-container-runtime/config.toml ]; then
    mkdir -p /etc/nvidia-container-runtime
    echo '# by a script' >/etc/nvidia-container-runtime/config.toml
fi
EOF
package nvidia-container-toolkit 1.17.8-1 \
    'Depends: nvidia-container-toolkit-base (= 1.17.8-1), libnvidia-container-tools (>= 1.17.8-1)' \
    usr/bin/nvidia-container-runtime-hook
script nvidia-container-toolkit postinst <<'EOF'
#!/bin/sh
[ "$1" != configure ] || [ -e /usr/bin/nvidia-container-toolkit ] ||
    ln -s /usr/bin/nvidia-container-runtime-hook /usr/bin/nvidia-container-toolkit
EOF
script nvidia-container-toolkit postrm <<'EOF'
#!/bin/sh
if [ "$1" = purge ] && [ -L /usr/bin/nvidia-container-toolkit ]; then
    rm /usr/bin/nvidia-container-toolkit
fi
EOF
package nvidia-container-runtime 3.14.0-1 'Depends: nvidia-container-toolkit (>= 1.14.0-1)'
package nvidia-docker2 2.14.0-1 'Depends: nvidia-container-toolkit (>= 1.14.0-1)' usr/bin/nvidia-docker \
    etc/docker/daemon.json
echo /etc/docker/daemon.json >/mnt/trees/nvidia-docker2/DEBIAN/conffiles
# Somebody's, who depends on NVIDIA's toolkit by version.
package gpu-workload 1 'Depends: nvidia-container-toolkit (>= 1.17.0), libnvidia-container-tools (>= 1.17)' \
    usr/bin/gpu-workload
for tree in /mnt/trees/*; do
    dpkg-deb --root-owner-group --build "$tree" /mnt/stand-ins/ >/dev/null
done
"#;

/// The packages whose place is taken.
pub(crate) const NAMES: [&str; 6] = [
    "libnvidia-container1",
    "libnvidia-container-tools",
    "nvidia-container-toolkit-base",
    "nvidia-container-toolkit",
    "nvidia-container-runtime",
    "nvidia-docker2",
];

/// Makes them, and installs them as people do.
pub(crate) fn install(machine: &Machine) -> Result<(), Failed> {
    std::fs::create_dir_all(machine.shared().join("stand-ins"))?;
    machine.run(MAKE)?;
    machine.run("apt-get install --yes /mnt/stand-ins/*.deb")?;
    Ok(())
}
