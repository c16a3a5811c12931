//! Ways through a file that was read.

use crate::syntax::{Dockerfile, Flag, Instruction, Item, Word};

impl Dockerfile<'_> {
    /// Its instructions, in order.
    pub fn instructions(&self) -> impl DoubleEndedIterator<Item = &Instruction> + Clone {
        self.items.iter().filter_map(|item| match item {
            Item::Instruction(instruction) => Some(&**instruction),
            Item::Blank(_) | Item::Comment(_) => None,
        })
    }
}

impl Instruction {
    /// The first flag of a name, which is without dashes.
    pub fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags(name).next()
    }

    /// All flags of a name.
    pub fn flags(&self, name: &str) -> impl Iterator<Item = &Flag> {
        self.flags.iter().filter(move |flag| flag.name == name)
    }
}

impl Word {
    /// What it means where it has no variable.
    pub fn literal(&self) -> Option<String> {
        let none = |_: &str| None;
        let expanded = crate::expand(&self.value, none);
        let known = expanded.unknown.is_empty() && expanded.defaulted.is_empty();
        (known && expanded.error.is_none()).then_some(expanded.text)
    }
}
