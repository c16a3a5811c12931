//! The month that it is, for what has an end: branches of the driver.
//!
//! The clock of the machine is all that is asked. A whole library of calendars would be for one division.

use std::time::{SystemTime, UNIX_EPOCH};

/// The year and the month, by the clock of this machine.
pub(crate) fn this_month() -> Option<(u16, u8)> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    month_of_day(seconds / 86_400)
}

/// The year and the month of a day, counted from the first of January 1970.
fn month_of_day(day: u64) -> Option<(u16, u8)> {
    let is_leap = |year: u16| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut left = day;
    let mut year = 1970;
    while left >= 365 + u64::from(is_leap(year)) {
        left -= 365 + u64::from(is_leap(year));
        year = year.checked_add(1)?;
    }
    let february = 28 + u64::from(is_leap(year));
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    Some((year, month))
}

#[cfg(test)]
mod tests {
    use super::month_of_day;

    #[test]
    fn days() {
        for (day, month) in [
            (0, (1970, 1)),
            (30, (1970, 1)),
            (31, (1970, 2)),
            (364, (1970, 12)),
            (365, (1971, 1)),
            // 2000-02-29, 2000-03-01, 2026-11-26.
            (11_016, (2000, 2)),
            (11_017, (2000, 3)),
            (20_783, (2026, 11)),
        ] {
            assert_eq!(month_of_day(day), Some(month), "{day}");
        }
        assert_eq!(month_of_day(u64::MAX), None);
    }
}
