//! The grammar of requirements.
//!
//! ```text
//! expression   alternatives, blanks between them       one must hold
//! alternative  factors, commas between them            all must hold
//! factor       NAME OPERATOR VALUE, nothing between    cuda driver arch brand;  = != < <= > >=
//! ```
//!
//! Names are read in any case. A `!` alone is `!=`: the reference's oversight, but an image may count on it.
//! Only blanks separate: a tab or a line's end is part of a value. Whether a value can be compared at all is
//! found out by comparing it.

use crate::property::Property;
use std::cmp::Ordering;

/// The longest expression that is read, in bytes: the kernel hands no longer variable to a process, so nothing
/// longer has ever met the reference.
pub const LONGEST_EXPRESSION: usize = 128 << 10;

/// The most characters of an expression that get into a message.
const LONGEST_SHOWN: usize = 120;

/// How a factor compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "=" => Self::Equal,
            "!=" | "!" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    /// Whether it holds for a fact that is so ordered to the value.
    pub(crate) fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }

    /// Bytes of it as the reference writes it.
    fn len(self) -> usize {
        match self {
            Self::Equal | Self::Less | Self::Greater => 1,
            Self::NotEqual | Self::LessOrEqual | Self::GreaterOrEqual => 2,
        }
    }
}

/// One comparison.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Factor<'e> {
    /// All of it, as written.
    pub(crate) text: &'e str,
    pub(crate) property: Property,
    pub(crate) operator: Operator,
    pub(crate) value: &'e str,
}

impl<'e> Factor<'e> {
    pub(crate) fn parse(text: &'e str) -> Result<Self, InvalidExpression> {
        let invalid = |reason| InvalidExpression::new(text, reason);
        let is_sign = |one: char| matches!(one, '<' | '>' | '=' | '!');
        let (name, rest) = text.split_at(text.find(is_sign).unwrap_or(text.len()));
        let value = rest.trim_start_matches(is_sign);
        let operator = Operator::parse(&rest[..rest.len() - value.len()])
            .ok_or_else(|| invalid("has none of the operators = != < <= > >="))?;
        let property = Property::ALL
            .into_iter()
            .find(|property| name.eq_ignore_ascii_case(property.name()))
            .ok_or_else(|| invalid("is about none of cuda, driver, arch, brand"))?;
        if value.is_empty() {
            return Err(invalid("has no value"));
        }
        Ok(Self {
            text,
            property,
            operator,
            value,
        })
    }

    /// Whether the reference can write it down. It does so where a factor does not hold, with two blanks more, in
    /// 128 bytes of which one is for the end.
    pub(crate) fn is_writable(self) -> bool {
        self.property.name().len() + self.operator.len() + self.value.len() + 2 < 128
    }
}

/// A requirement that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid expression: `{part}` {reason}")]
pub struct InvalidExpression {
    /// The part that is wrong: short and printable.
    pub part: String,
    /// What is wrong with it, to be read after the part.
    pub reason: &'static str,
}

impl InvalidExpression {
    pub(crate) fn new(part: &str, reason: &'static str) -> Self {
        Self {
            part: shown(part),
            reason,
        }
    }
}

/// Of a text of the image's as much as a message can bear. All that has a meaning in an expression is ASCII.
pub(crate) fn shown(text: &str) -> String {
    let printable = |one| match one {
        ' '..='~' => one,
        _ => char::REPLACEMENT_CHARACTER,
    };
    let mut shown: String = text.chars().take(LONGEST_SHOWN).map(printable).collect();
    if text.chars().nth(LONGEST_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_and_names() {
        use Operator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        use Property::{Architecture, Brand, Cuda, Driver};
        for (text, property, operator, value) in [
            ("cuda=12", Cuda, Equal, "12"),
            ("cuda!=12", Cuda, NotEqual, "12"),
            ("cuda!12", Cuda, NotEqual, "12"),
            ("driver<470", Driver, Less, "470"),
            ("driver<=470", Driver, LessOrEqual, "470"),
            ("arch>9.0", Architecture, Greater, "9.0"),
            ("ARCH>=9.0", Architecture, GreaterOrEqual, "9.0"),
            ("Brand=Tesla", Brand, Equal, "Tesla"),
            ("brand=a=b", Brand, Equal, "a=b"),
            ("brand= ", Brand, Equal, " "),
        ] {
            let factor = Factor::parse(text).unwrap();
            let found = (factor.property, factor.operator, factor.value);
            assert_eq!(found, (property, operator, value), "{text}");
        }
    }

    #[test]
    fn what_is_no_factor_is_said_in_words() {
        let no_operator = "has none of the operators = != < <= > >=";
        let no_property = "is about none of cuda, driver, arch, brand";
        for (text, reason) in [
            ("cuda", no_operator),
            ("cuda12", no_operator),
            ("cuda==12", no_operator),
            ("cuda=>12", no_operator),
            ("cuda=<12", no_operator),
            ("cuda<>12", no_operator),
            ("cuda>>12", no_operator),
            ("cuda!!12", no_operator),
            ("cuda>==12", no_operator),
            ("é", no_operator),
            (">=12", no_property),
            ("os=linux", no_property),
            ("cud=12", no_property),
            ("cuda\t=12", no_property),
            ("cuda>=", "has no value"),
            ("brand!", "has no value"),
        ] {
            let error = Factor::parse(text).unwrap_err();
            assert_eq!((&*error.part, error.reason), (&*shown(text), reason));
        }
        assert_eq!(
            Factor::parse("cuda=>12").unwrap_err().to_string(),
            format!("invalid expression: `cuda=>12` {no_operator}")
        );
    }

    #[test]
    fn each_operator_on_each_order() {
        for (sign, less, equal, greater) in [
            ("=", false, true, false),
            ("!=", true, false, true),
            ("<", true, false, false),
            ("<=", true, true, false),
            (">", false, false, true),
            (">=", false, true, true),
        ] {
            let operator = Operator::parse(sign).unwrap();
            assert_eq!(operator.len(), sign.len());
            let held = [Ordering::Less, Ordering::Equal, Ordering::Greater]
                .map(|order| operator.holds(order));
            assert_eq!(held, [less, equal, greater], "{sign}");
        }
    }

    #[test]
    fn short_and_printable() {
        assert_eq!(shown("cuda>=12.8"), "cuda>=12.8");
        assert_eq!(
            shown("a\n\u{1b}[0m\u{202e}é"),
            "a\u{fffd}\u{fffd}[0m\u{fffd}\u{fffd}"
        );
        assert_eq!(shown(&"a".repeat(120)), "a".repeat(120));
        assert_eq!(shown(&"a".repeat(121)), "a".repeat(120) + "…");
    }
}
