//! What a cgroup of version 1 says of devices in `devices.list`. Pure: text in, data out.

use super::Device;

/// As the kernel writes them.
const LETTERS: [(u8, char); 3] = [(1, 'r'), (2, 'w'), (4, 'm')];

/// What may be done with a device, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access(u8);

impl Access {
    /// Reading, writing, and making the node.
    pub const ALL: Self = Self(7);

    fn parse(letters: &str) -> Option<Self> {
        letters
            .chars()
            .map(|letter| LETTERS.iter().find(|known| known.1 == letter))
            .try_fold(0, |bits, known| Some(bits | known?.0))
            .map(Self)
    }

    /// As it is written to `devices.allow` and `devices.deny`.
    pub fn letters(self) -> String {
        LETTERS
            .iter()
            .filter(|known| self.0 & known.0 != 0)
            .map(|known| known.1)
            .collect()
    }

    const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// A `devices.list`: the exceptions for character devices, of which no number stands for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    is_everything: bool,
    exceptions: Vec<(Option<u32>, Option<u32>, Access)>,
}

impl List {
    /// Reads it. Lines that are not understood allow nothing.
    pub fn parse(text: &str) -> Self {
        let mut list = Self::default();
        for line in text.lines() {
            let mut fields = line.split(' ');
            let (Some(kind), Some(numbers), Some(access), None) =
                (fields.next(), fields.next(), fields.next(), fields.next())
            else {
                continue;
            };
            let number = |text: &str| match text {
                "*" => Some(None),
                digits => digits.parse().ok().map(Some),
            };
            let Some((major, minor)) = numbers
                .split_once(':')
                .and_then(|(major, minor)| Some((number(major)?, number(minor)?)))
            else {
                continue;
            };
            match (kind, Access::parse(access)) {
                ("a", Some(Access::ALL)) => list.is_everything = true,
                ("c", Some(access)) => list.exceptions.push((major, minor, access)),
                _ => {}
            }
        }
        list
    }

    /// Whether everything is allowed, but for what the list does not tell.
    pub fn is_everything(&self) -> bool {
        self.is_everything
    }

    /// What has to be written to have a device allowed, and what to take off again later: nothing of either
    /// if it is allowed. One exception must cover all that is asked for at once; two do not add up.
    pub fn missing(&self, (major, minor): Device) -> Option<Access> {
        let covers = |pattern: Option<u32>, number| pattern.is_none_or(|only| only == number);
        if self.exceptions.iter().any(|exception| {
            covers(exception.0, major) && covers(exception.1, minor) && exception.2 == Access::ALL
        }) {
            return None;
        }
        let same =
            |exception: &&(_, _, Access)| (exception.0, exception.1) == (Some(major), Some(minor));
        let there = self.exceptions.iter().find(same);
        Some(there.map_or(Access::ALL, |exception| Access::ALL.without(exception.2)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str =
        "c 1:3 rwm\nb 195:0 rwm\nc 195:1 r\nc 136:* rwm\nc *:* m\nc *:9 rwm\nc 5:2 rw\n";

    fn missing(device: Device) -> Option<String> {
        List::parse(LIST).missing(device).map(Access::letters)
    }

    #[test]
    fn what_is_allowed_is_not_written_again() {
        for device in [(1, 3), (136, 17), (250, 9)] {
            assert_eq!(missing(device), None, "{device:?}");
        }
    }

    #[test]
    fn only_what_was_missing_is_taken_off_again() {
        // A block device of the same number, and leave to make every node, do not count.
        assert_eq!(missing((195, 0)).as_deref(), Some("rwm"));
        assert_eq!(missing((195, 1)).as_deref(), Some("wm"));
        // Reading and writing by one exception, making by another: not all at once.
        assert_eq!(missing((5, 2)).as_deref(), Some("m"));
    }

    #[test]
    fn where_everything_is_allowed_it_may_still_be_denied() {
        let list = List::parse("a *:* rwm\n");
        assert!(list.is_everything);
        assert_eq!(list.missing((1, 3)), Some(Access::ALL));
    }

    #[test]
    fn lines_that_are_not_understood_allow_nothing() {
        for text in [
            "",
            "c 1:3",
            "c 1:3 rwm extra",
            "c 1 rwm",
            "c x:3 rwm",
            "c 1:3 rwx",
            "d 1:3 rwm",
            "a *:* rw",
            "c -1:3 rwm",
            "c 4294967296:3 rwm",
        ] {
            assert_eq!(List::parse(text), List::default(), "{text}");
        }
    }
}
