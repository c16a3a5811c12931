//! Sizes: `8gb`, `64m`, `1073741824`.

/// The bytes that `shm_size` and its like say, as docker reads it (go-units, `RAMInBytes`): 1024 is the base of every
/// unit, its letter may be of any case and be followed by `b` or `ib`, and there may be a fraction.
pub fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text
        .find(|sign: char| !sign.is_ascii_digit() && sign != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim_start().to_ascii_lowercase();
    let unit = unit.as_str();
    let power = match unit
        .strip_suffix("ib")
        .or(unit.strip_suffix('b'))
        .unwrap_or(unit)
    {
        "" if unit != "ib" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    let number: f64 = number.parse().ok()?;
    let bytes = number * 1024_f64.powi(power);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is within what a u64 holds, and not below zero"
    )]
    (bytes.is_finite() && bytes < 9e18).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_docker_reads_them() {
        const M: u64 = 1024 * 1024;
        for (text, expected) in [
            ("64m", Some(64 * M)),
            ("64M", Some(64 * M)),
            ("64mb", Some(64 * M)),
            ("64MiB", Some(64 * M)),
            ("64 MB", Some(64 * M)),
            ("8gb", Some(8192 * M)),
            ("1.5g", Some(1536 * M)),
            ("1073741824", Some(1024 * M)),
            ("10b", Some(10)),
            ("0", Some(0)),
            ("2t", Some(2 * M * M)),
            ("", None),
            ("gb", None),
            ("8x", None),
            ("8ib", None),
            ("-1g", None),
            ("1.2.3g", None),
            ("${SHM:-8gb}", None),
            ("9999999999p", None),
        ] {
            assert_eq!(bytes(text), expected, "{text}");
        }
    }
}
