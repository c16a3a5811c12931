//! Numbers that name a GPU: capabilities and PCI ids.

use super::Capability;

/// `9.0`, `90`, `sm_90`, `sm90a`, `compute_90`, `cc 9.0`.
pub(super) fn capability(text: &str) -> Option<Capability> {
    if text.len() > 24 {
        return None;
    }
    let text = text.trim().to_ascii_lowercase();
    let bare = ["sm_", "sm", "compute_", "compute capability", "cc"]
        .iter()
        .find_map(|start| text.strip_prefix(start))
        .unwrap_or(&text)
        .trim_start();
    let bare = bare.strip_suffix(['a', 'f']).unwrap_or(bare);
    if !bare.bytes().all(|one| one.is_ascii_digit() || one == b'.') {
        return None;
    }
    let (major, minor) = match bare.split_once('.') {
        Some(pair) => pair,
        None if matches!(bare.len(), 2 | 3) => bare.split_at(bare.len() - 1),
        None => return None,
    };
    let capability = Capability::new(major.parse().ok()?, minor.parse().ok()?);
    Capability::all().find(|known| *known == capability)
}

/// `10de:2330`, `0x2330`, `0x233010de`: as `lspci` and NVML write it.
pub(super) fn pci_id(text: &str) -> Option<u16> {
    let text = text.trim().to_ascii_lowercase();
    let digits = if let Some(digits) = text.strip_prefix("10de:") {
        digits.strip_prefix("0x").unwrap_or(digits)
    } else {
        let digits = text.strip_prefix("0x")?;
        let id = digits.strip_suffix("10de").filter(|id| id.len() == 4);
        id.unwrap_or(digits)
    };
    let is_id = digits.len() == 4 && digits.bytes().all(|one| one.is_ascii_hexdigit());
    is_id
        .then(|| u16::from_str_radix(digits, 16).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities() {
        for text in [
            "9.0",
            "90",
            "sm_90",
            "sm90",
            "SM_90",
            "sm_90a",
            "compute_90",
            "cc 9.0",
            "compute capability 9.0",
        ] {
            assert_eq!(capability(text), Some(Capability::new(9, 0)), "{text}");
        }
        assert_eq!(capability("sm_120f"), Some(Capability::new(12, 0)));
        assert_eq!(capability("100"), Some(Capability::new(10, 0)));
        for text in [
            "", "9", "9.", ".9", "91", "9.1", "1080", "sm_", "a", "9.0.0", "+9.0", "4090", "99",
            "६.०",
        ] {
            assert_eq!(capability(text), None, "{text}");
        }
    }

    #[test]
    fn ids() {
        for text in [
            "10de:2330",
            "10DE:2330",
            "0x2330",
            "0x233010DE",
            "10de:0x2330",
        ] {
            assert_eq!(pci_id(text), Some(0x2330), "{text}");
        }
        for text in [
            "2330",
            "1002:2330",
            "0x",
            "0x23",
            "0x+330",
            "10de:",
            "10de:23300",
        ] {
            assert_eq!(pci_id(text), None, "{text}");
        }
    }
}
