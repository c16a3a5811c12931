//! A driver library: what its name in a manifest means.

use crate::elf_stub::Class;
use crate::manifest::{LibraryGroup, LinkStyle};

/// A driver library of a simulated machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    /// The directory that holds the file.
    pub directory: String,
    /// The file's name, such as `libcuda.so.550.54.15`.
    pub file: String,
    /// Its SONAME, such as `libcuda.so.1`.
    pub soname: String,
    /// 64-bit or 32-bit.
    pub class: Class,
    /// Links beside it: name and target.
    pub links: Vec<(String, String)>,
    /// Whether this is a working stand-in and no stub: the library's stem.
    pub(crate) stand_in: Option<&'static str>,
    pub(crate) mirror: Option<String>,
    pub(crate) mode: u32,
}

pub(crate) fn class_and_mode(group: &LibraryGroup) -> Option<(Class, u32)> {
    let class = match group.class {
        64 => Class::Elf64,
        32 => Class::Elf32,
        _ => return None,
    };
    let mode = match &group.mode {
        Some(text) => u32::from_str_radix(text, 8).ok()?,
        None => 0o644,
    };
    Some((class, mode))
}

pub(crate) fn read_library(
    group: &LibraryGroup,
    name: &str,
    class: Class,
    mode: u32,
    driver: &str,
) -> Library {
    let (soname, version) = match name.split_once(" @ ") {
        Some((soname, version)) => (soname.to_owned(), Some(version)),
        None => (name.replace("$V", driver), None),
    };
    let stem = soname.split_once(".so.").map(|(stem, _)| stem.to_owned());
    let file = match (&stem, version) {
        (Some(stem), Some(version)) => format!("{stem}.so.{version}"),
        (Some(stem), None) => format!("{stem}.so.{driver}"),
        (None, _) => soname.clone(),
    };
    let mut links = Vec::new();
    if let Some(stem) = &stem {
        let development = (format!("{stem}.so"), soname.clone());
        match (group.links, soname == file) {
            (LinkStyle::None, _) | (LinkStyle::Soname | LinkStyle::Runtime, true) => {}
            (LinkStyle::Every, true) => links.push(development),
            (LinkStyle::Runtime, false) => links.push((soname.clone(), file.clone())),
            (_, false) => links.extend([(soname.clone(), file.clone()), development]),
        }
    }
    let works = class == Class::Elf64 && (version.is_none() || group.works);
    let stand_in = match &*soname {
        "libnvidia-ml.so.1" if works => Some("nvml"),
        "libcuda.so.1" if works => Some("libcuda"),
        "libdxcore.so" if works => Some("dxcore"),
        _ => None,
    };
    Library {
        directory: group.directory.clone(),
        file,
        soname,
        class,
        links,
        stand_in,
        mirror: group.mirror.clone(),
        mode,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library(links: LinkStyle, name: &str) -> Library {
        let group = LibraryGroup {
            directory: "/usr/lib64".to_owned(),
            names: Vec::new(),
            links,
            mirror: None,
            class: 64,
            mode: None,
            works: false,
        };
        read_library(&group, name, Class::Elf64, 0o644, "570.1.2")
    }

    fn shape(library: &Library) -> (&str, &str, String) {
        let links: Vec<String> = library
            .links
            .iter()
            .map(|(name, target)| format!("{name}->{target}"))
            .collect();
        (&library.file, &library.soname, links.join(" "))
    }

    #[test]
    fn a_library_name_says_file_soname_and_links() {
        let versioned = library(LinkStyle::Soname, "libcuda.so.1");
        assert_eq!(
            shape(&versioned),
            (
                "libcuda.so.570.1.2",
                "libcuda.so.1",
                "libcuda.so.1->libcuda.so.570.1.2 libcuda.so->libcuda.so.1".to_owned()
            )
        );
        assert_eq!(versioned.stand_in, Some("libcuda"));

        let same = library(LinkStyle::Soname, "libnvidia-tls.so.$V");
        assert_eq!(
            shape(&same),
            (
                "libnvidia-tls.so.570.1.2",
                "libnvidia-tls.so.570.1.2",
                String::new()
            )
        );
        let same = library(LinkStyle::Every, "libnvidia-tls.so.$V");
        assert_eq!(shape(&same).2, "libnvidia-tls.so->libnvidia-tls.so.570.1.2");

        let old = library(LinkStyle::None, "libcuda.so.1 @ 535.104.05");
        assert_eq!(
            shape(&old),
            ("libcuda.so.535.104.05", "libcuda.so.1", String::new())
        );
        assert_eq!(old.stand_in, None);

        let runtime = library(LinkStyle::Runtime, "libnvoptix.so.1");
        assert_eq!(shape(&runtime).2, "libnvoptix.so.1->libnvoptix.so.570.1.2");

        let module = library(LinkStyle::Every, "nvidia_drv.so");
        assert_eq!(
            shape(&module),
            ("nvidia_drv.so", "nvidia_drv.so", String::new())
        );
    }
}
