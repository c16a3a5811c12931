//! What NVIDIA and the frameworks publish, as rows: one file a table.
//!
//! A row says where it comes from and how well it is known ([`Mark`]). Each file has the tests of its own shape: order,
//! uniqueness, and what must grow when something else does.

pub(crate) mod branches;
pub(crate) mod capabilities;
pub(crate) mod errors;
pub(crate) mod forward;
pub(crate) mod image_cudnn;
pub(crate) mod image_environment;
pub(crate) mod image_os;
pub(crate) mod image_tags;
pub(crate) mod models;
pub(crate) mod packages;
pub(crate) mod pci;
pub(crate) mod tensorflow;
pub(crate) mod toolkits;
pub(crate) mod torch;

use crate::mark::Mark;

/// A row of a table, as whoever checks the tables sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The table: `image tags`.
    pub table: &'static str,
    /// What the row is about: `12.8.1`.
    pub about: String,
    /// How well it is known.
    pub mark: Mark,
    /// Where it was read.
    pub source: &'static str,
}

/// Every row of every table.
pub fn facts() -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |table, about: String, mark, source| {
        facts.push(Fact {
            table,
            about,
            mark,
            source,
        });
    };
    for row in image_os::ROWS {
        add("image os", row.tag.to_owned(), row.mark, image_os::SOURCE);
    }
    for row in image_tags::ROWS {
        add("image tags", row.release.to_string(), row.mark, row.source);
    }
    for row in image_cudnn::ROWS {
        add("image cudnn", row.release.to_string(), row.mark, row.source);
    }
    for row in image_environment::ROWS {
        let from = format!("from {}", row.from);
        add("image environment", from, row.mark, row.source);
    }
    for row in branches::ROWS {
        let mark = row.cuda_mark.max(row.end_mark);
        add("branches", row.branch.to_string(), mark, branches::SOURCE);
    }
    for row in capabilities::ROWS {
        let about = row.capability.to_string();
        add("capabilities", about, row.mark, row.source);
    }
    for row in errors::ROWS {
        let about = row.number.to_string();
        add("errors", about, errors::MARK, errors::SOURCE);
    }
    for row in forward::ROWS {
        let about = row.branch.to_string();
        add("forward", about, forward::MARK, forward::SOURCE);
    }
    for row in models::ROWS {
        let about = row.name.to_owned();
        add("models", about, models::MARK, models::SOURCE);
    }
    for row in pci::ROWS {
        add("pci", row.chips.to_owned(), pci::MARK, pci::SOURCE);
    }
    for row in packages::ROWS {
        let about = row.package.to_owned();
        add("packages", about, row.mark, packages::SOURCE);
    }
    for row in tensorflow::ROWS {
        let about = format!("from {}.{}", row.from.0, row.from.1);
        add("tensorflow", about, row.mark, tensorflow::SOURCE);
    }
    for row in torch::ROWS {
        let about = format!("{}.{} cu{}", row.torch.0, row.torch.1, row.cuda);
        add("torch", about, row.mark, torch::SOURCE);
    }
    for row in toolkits::ROWS {
        add("toolkits", row.release.to_string(), row.mark, row.source);
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_says_where_it_comes_from() {
        let facts = facts();
        for fact in &facts {
            assert!(fact.source.len() > 10 && !fact.about.is_empty(), "{fact:?}");
        }
        let unverified = facts.iter().filter(|fact| fact.mark == Mark::Unverified);
        assert!(unverified.count() * 10 < facts.len());
    }
}
