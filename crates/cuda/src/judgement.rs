//! Whether a requirement is met.
//!
//! The rules are those of the reference's C program, down to the order in which it reads:
//!
//! - The first alternative that holds decides, and of an alternative the first factor that fails. What is not
//!   read is not checked: an invalid part makes the expression invalid only where it is reached.
//! - An alternative of nothing but commas ends the reading: what came before it stands, and if nothing did,
//!   the requirement is met. So is an empty expression.
//! - A factor about what is not known holds, before its value is looked at.
//!
//! Two things are added, and neither changes what a machine with all facts is told under [`Reading::Strict`].
//! The third rule comes out as [`Verdict::Undecided`], so that a caller can find out more before it treats it as
//! the reference does; and a `cuda` factor may hold by minor-version compatibility. Behind an alternative that
//! holds in one of these ways the reading goes on, for one that holds without them; an invalid part ends it, and
//! makes nothing invalid. So what the reference lets pass is never refused here.

use crate::driver::{cuda_of_driver, minor_version_floor};
use crate::expression::{Factor, InvalidExpression, LONGEST_EXPRESSION, Operator, shown};
use crate::property::{Properties, Property};
use crate::truth::Truth;
use crate::version::{self, compare_versions};
use std::cmp::Ordering;

/// What is known of the machine, and of one GPU of it. `None`: not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts<'a> {
    /// The driver's version: `550.54.15`. An ill-formed one counts as not known.
    pub driver: Option<&'a str>,
    /// The CUDA version that the driver reports, major and minor. `None`: that of the driver's branch, if it
    /// is in the table.
    pub cuda: Option<(u32, u32)>,
    /// The compute capability of the GPU, major and minor.
    pub architecture: Option<(u32, u32)>,
    /// The product line of the GPU, in the words of requirements, which have no blanks: `geforcertx`.
    pub brand: Option<&'a str>,
}

/// How a requirement is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reading {
    /// `cuda>=12.8` and `cuda>12.8` also hold if the driver reports CUDA 12 and is no older than the floor of
    /// CUDA 12.
    #[default]
    MinorVersion,
    /// To the letter, as the reference does.
    Strict,
}

/// What comes of a requirement. Of two alternatives the better verdict counts; the order is that of this list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Met,
    /// It holds only because a driver runs programs of newer minor versions of its CUDA major.
    MetByMinorVersion {
        /// The factor that would fail to the letter, as written: `cuda>=12.8`. Short and printable.
        asked: String,
        /// The CUDA version of the driver.
        driver_cuda: (u32, u32),
    },
    /// It holds or not, depending on what is not known.
    Undecided {
        /// What would help to know: at least one property.
        missing: Properties,
    },
    /// It does not hold.
    Unmet {
        /// The first alternative, as written, whichever came nearest: for [`unsatisfied_condition`]. Short and
        /// printable.
        first: String,
    },
}

impl Verdict {
    /// Whether it is a reason to refuse a container. What is not known is none: the reference lets it pass.
    pub fn is_unmet(&self) -> bool {
        matches!(self, Self::Unmet { .. })
    }
}

/// Judges the requirement `expression` of an image: one variable, for one GPU.
pub fn judge(
    expression: &str,
    facts: &Facts<'_>,
    reading: Reading,
) -> Result<Verdict, InvalidExpression> {
    if expression.len() > LONGEST_EXPRESSION {
        return Err(InvalidExpression::new(expression, "is too long"));
    }
    let machine = Machine::new(facts, reading);
    let mut best = None;
    for alternative in alternatives(expression) {
        let truth = match machine.alternative(alternative) {
            Ok(Some(truth)) => truth,
            Ok(None) => break,
            Err(_) if best.is_some_and(|best| best != Truth::No) => break,
            Err(invalid) => return Err(invalid),
        };
        let better = best.map_or(truth, |best| truth.or(best));
        best = Some(better);
        if better == Truth::Yes {
            break;
        }
    }
    Ok(match best.unwrap_or(Truth::Yes) {
        Truth::Yes => Verdict::Met,
        Truth::ByMinorVersion { asked, driver_cuda } => Verdict::MetByMinorVersion {
            asked: shown(asked),
            driver_cuda,
        },
        Truth::Unknown(missing) => Verdict::Undecided { missing },
        Truth::No => Verdict::Unmet {
            first: shown(alternatives(expression).next().unwrap_or_default()),
        },
    })
}

/// The reference's sentence for an unmet requirement, which people search for: without the stage that stands
/// before it (`requirement error: `).
pub fn unsatisfied_condition(first: &str) -> String {
    let mut sentence = ["unsatisfied condition: ", first].concat();
    if first.starts_with("cuda>=") {
        sentence.push_str(
            ", please update your driver to a newer version, or use an earlier cuda container",
        );
    }
    sentence
}

/// The reference takes what is before the first blank for the first alternative, and shows nothing where an
/// expression begins with one. Blanks are no alternatives anywhere else, so they are none here.
fn alternatives(expression: &str) -> impl Iterator<Item = &str> {
    expression.split(' ').filter(|part| !part.is_empty())
}

/// The facts as text, as they are compared.
struct Machine<'a> {
    driver: Option<&'a str>,
    cuda: Option<((u32, u32), String)>,
    architecture: Option<String>,
    brand: Option<&'a str>,
    reading: Reading,
}

impl<'a> Machine<'a> {
    fn new(facts: &Facts<'a>, reading: Reading) -> Self {
        let driver = facts.driver.filter(|driver| version::is_version(driver));
        let cuda = facts.cuda.or_else(|| driver.and_then(cuda_of_driver));
        let text = |(major, minor): (u32, u32)| format!("{major}.{minor}");
        Self {
            driver,
            cuda: cuda.map(|cuda| (cuda, text(cuda))),
            architecture: facts.architecture.map(text),
            brand: facts.brand,
            reading,
        }
    }

    /// All factors together, up to the first that fails. `None`: there is no factor.
    fn alternative<'e>(&self, text: &'e str) -> Result<Option<Truth<'e>>, InvalidExpression> {
        let mut all = None;
        let mut has_failed = false;
        for text in text.split(',').filter(|part| !part.is_empty()) {
            let judged = Factor::parse(text).and_then(|factor| Ok((factor, self.letter(factor)?)));
            let truth = match judged {
                Ok((factor, Truth::No)) => {
                    has_failed = true;
                    self.by_minor_version(factor)
                }
                Ok((_, truth)) => truth,
                // To the letter it is not reached, and that may be what lets the next alternative hold.
                Err(_) if has_failed => Truth::No,
                Err(invalid) => return Err(invalid),
            };
            all = Some(all.map_or(truth, |all| truth.and(all)));
            if truth == Truth::No {
                break;
            }
        }
        Ok(all)
    }

    /// A factor to the letter.
    fn letter<'e>(&self, factor: Factor<'_>) -> Result<Truth<'e>, InvalidExpression> {
        let fact = match factor.property {
            Property::Cuda => self.cuda.as_ref().map(|(_, text)| &**text),
            Property::Driver => self.driver,
            Property::Architecture => self.architecture.as_deref(),
            Property::Brand => self.brand,
        };
        let invalid = |reason| InvalidExpression::new(factor.text, reason);
        let Some(fact) = fact else {
            return Ok(Truth::Unknown(Properties::of(factor.property)));
        };
        let holds = match (factor.property, factor.operator) {
            (Property::Brand, Operator::Equal) => fact.eq_ignore_ascii_case(factor.value),
            (Property::Brand, Operator::NotEqual) => !fact.eq_ignore_ascii_case(factor.value),
            (Property::Brand, _) => return Err(invalid("puts brands in an order")),
            (_, operator) => operator.holds(
                compare_versions(fact, factor.value)
                    .ok_or_else(|| invalid("compares with what is no version"))?,
            ),
        };
        match holds {
            true => Ok(Truth::Yes),
            false if !factor.is_writable() => Err(invalid("is too long")),
            false => Ok(Truth::No),
        }
    }

    /// What becomes of a factor that does not hold to the letter.
    ///
    /// Only `>=` and `>` ask for "at least", which is what the compatibility is about. Since the factor has
    /// failed, a version of the driver's own major is one that the driver has not reached.
    fn by_minor_version<'e>(&self, factor: Factor<'e>) -> Truth<'e> {
        if self.reading == Reading::Strict
            || factor.property != Property::Cuda
            || !matches!(
                factor.operator,
                Operator::GreaterOrEqual | Operator::Greater
            )
        {
            return Truth::No;
        }
        let (Some((driver_cuda, _)), Some((asked, _))) =
            (&self.cuda, version::number(factor.value))
        else {
            return Truth::No;
        };
        if u64::from(driver_cuda.0) != asked {
            return Truth::No;
        }
        match (minor_version_floor(driver_cuda.0), self.driver) {
            (None, _) => Truth::No,
            (Some(_), None) => Truth::Unknown(Properties::of(Property::Driver)),
            (Some(floor), Some(driver)) => {
                if compare_versions(driver, floor).is_some_and(Ordering::is_ge) {
                    Truth::ByMinorVersion {
                        asked: factor.text,
                        driver_cuda: *driver_cuda,
                    }
                } else {
                    Truth::No
                }
            }
        }
    }
}
