//! What a container shows of itself, from inside: the script that looks, and the reading of what it says.
//!
//! The container has the machine's own `/proc`, not one of its own: only there do the driver's files exist,
//! so only there can be seen whether they were covered. It also has the right to make nodes and to open
//! those of anybody, so that what is refused is refused by the device cgroup and by nothing else.

use std::collections::{BTreeMap, BTreeSet};

/// Capabilities without which a refusal could have other reasons than the device cgroup.
pub const CAPABILITIES: [&str; 2] = ["CAP_DAC_OVERRIDE", "CAP_MKNOD"];

/// No driver stands behind the numbers, so an allowed node says ENXIO and a forbidden one EPERM. Nodes are
/// made last: the files are listed before anything is written. Of the cache's places the directories are
/// resolved: `/lib64` and `/usr/lib64` are one, and which of them is written says nothing.
pub const SCRIPT: &str = r#"
echo '== mounts'
cat /proc/self/mountinfo
echo '== mounted'
while read -r _ _ _ _ point _; do
  case $point in
    / | /proc* | /sys* | /dev*) ;;
    *) find "$point" -xdev '(' -type f -o -type s ')' -print ;;
  esac
done </proc/self/mountinfo
echo '== files'
find / -xdev -type f -print
echo '== links'
find / '(' -path /proc -o -path /sys ')' -prune -o -type l -printf '%p\t%l\n'
echo '== cache'
unset known; declare -A known
names=() places=()
while read -r name class arrow place; do
  [ "$arrow" = '=>' ] || continue
  directory=${place%/*}
  [ -n "${known[$directory]}" ] || known[$directory]=$(cd -P "$directory" && pwd)
  names+=("$name $class"$'\t'"${known[$directory]}/${place##*/}")
  places+=("$place")
done < <(ldconfig -p)
number=0
[ ${#places[@]} -eq 0 ] || readlink -m "${places[@]}" | while IFS= read -r file; do
  printf '%s\t%s\n' "${names[$number]}" "$file"
  number=$((number + 1))
done
echo '== environment'
while IFS= read -r -d '' entry; do printf '%s\n' "$entry"; done </proc/self/environ
echo '== groups'
while read -r key values; do
  [ "$key" = Groups: ] && for value in $values; do echo "$value"; done
done </proc/self/status
echo '== parameters'
cat /proc/driver/nvidia/params
echo '== nodes'
number=0
find /dev '(' -type b -o -type c ')' -print | sort | while IFS= read -r node; do
  access=
  case $({ : <"$node"; } 2>&1) in *'not permitted'*) ;; *) access=r ;; esac
  case $({ : >>"$node"; } 2>&1) in *'not permitted'*) ;; *) access=${access}w ;; esac
  set -- $(stat -c '%f 0x%t 0x%T %a %u:%g' "$node")
  kind=b
  [ $((0x$1 & 0xf000)) -eq $((0x2000)) ] && kind=c
  number=$((number + 1))
  mknod "/tmp/probe-$number" "$kind" $(($2)) $(($3)) 2>/dev/null && access=${access}m
  printf '%s\t%s %d:%d %04d %s %s\n' "$node" "$kind" $(($2)) $(($3)) "$4" "$5" "$access"
done
echo '== end'
"#;

/// A line of `/proc/self/mountinfo`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The file system's number, as `0:45`.
    pub device: String,
    /// What of the file system is mounted.
    pub root: String,
    /// Where.
    pub point: String,
    /// The options that restrict what can be done with it, and `shared` or `slave` if it is.
    pub options: String,
}

/// What one container showed.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// Path → kind, number, mode, owner, access.
    pub nodes: BTreeMap<String, String>,
    /// The mounts, in the order in which they were made.
    pub mounts: Vec<Mount>,
    /// Every file and socket at or below a mount point.
    pub mounted: Vec<String>,
    /// Every file of the root file system.
    pub files: BTreeSet<String>,
    /// Path → text.
    pub links: BTreeMap<String, String>,
    /// Name and class → where the loader finds it, the first place first, and the file that is there.
    pub cache: BTreeMap<String, Vec<(String, String)>>,
    /// Entries of the environment, in order, as the program was given them.
    pub environment: Vec<String>,
    /// Supplementary groups.
    pub groups: Vec<String>,
    /// Lines of `/proc/driver/nvidia/params`.
    pub parameters: Vec<String>,
}

impl Look {
    /// Reads what the script printed; `part` gives the lines below one of its headings.
    pub fn read(part: impl Fn(&str) -> String) -> Self {
        let lines = |name: &str| -> Vec<String> { part(name).lines().map(str::to_owned).collect() };
        let pairs = |name: &str| -> BTreeMap<String, String> {
            lines(name)
                .iter()
                .filter_map(|line| line.split_once('\t'))
                .map(|(path, value)| (path.to_owned(), value.to_owned()))
                .collect()
        };
        let mut cache: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for (library, places) in lines("cache")
            .iter()
            .filter_map(|line| line.split_once('\t'))
        {
            let (place, file) = places.split_once('\t').unwrap_or((places, ""));
            cache
                .entry(library.to_owned())
                .or_default()
                .push((place.to_owned(), file.to_owned()));
        }
        Self {
            nodes: pairs("nodes"),
            mounts: read_mounts(&part("mounts")),
            mounted: lines("mounted"),
            files: lines("files").into_iter().collect(),
            links: pairs("links"),
            cache,
            environment: lines("environment"),
            groups: lines("groups"),
            parameters: lines("parameters"),
        }
    }
}

/// The lines of a mountinfo file.
pub fn read_mounts(text: &str) -> Vec<Mount> {
    text.lines().filter_map(read_mount).collect()
}

fn read_mount(line: &str) -> Option<Mount> {
    let mut fields = line.split(' ').skip(2);
    let (device, root, point, options) = (
        fields.next()?,
        fields.next()?,
        fields.next()?,
        fields.next()?,
    );
    let restrictions = options.split(',').filter(|option| {
        matches!(
            *option,
            "ro" | "nosuid" | "nodev" | "noexec" | "nosymfollow"
        )
    });
    let propagation = fields
        .take_while(|field| *field != "-")
        .filter_map(|field| match field.split_once(':')?.0 {
            "shared" => Some("shared"),
            "master" => Some("slave"),
            _ => None,
        });
    let options: Vec<&str> = restrictions.chain(propagation).collect();
    Some(Mount {
        device: device.to_owned(),
        root: root.to_owned(),
        point: point.to_owned(),
        options: options.join(","),
    })
}
