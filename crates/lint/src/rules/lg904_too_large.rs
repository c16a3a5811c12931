use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// a file is too large to be what it is called
    ///
    /// ## What it does
    /// Says that a file was not looked at, because it is larger than 1 MiB, or a Dockerfile of more than 4000 commands.
    ///
    /// ## Why
    /// Nobody has written such a Dockerfile or compose file by hand. It is data under a wrong name, or was made to keep a
    /// reader busy.
    TooLarge, "LG904", "too-large", Error, High
}

impl Rule for TooLarge {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }
}
