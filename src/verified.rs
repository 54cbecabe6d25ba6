//! What `payband verify` says: how much was derived again, and what of it is not as it is kept.

use std::collections::BTreeMap;
use std::fmt;

/// What was compared, and what differed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many of each kind were derived again; the kinds in the plural.
    pub compared: BTreeMap<&'static str, u64>,
    /// Each difference as a sentence.
    pub differences: Vec<String>,
}

impl Verified {
    /// Counts one more of a kind.
    pub fn compared(&mut self, kind: &'static str) {
        *self.compared.entry(kind).or_default() += 1;
    }

    /// Notes a difference.
    pub fn differs(&mut self, sentence: String) {
        self.differences.push(sentence);
    }
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for difference in &self.differences {
            writeln!(f, "{difference}")?;
        }
        for (place, (kind, count)) in self.compared.iter().enumerate() {
            let comma = if place > 0 { ", " } else { "" };
            write!(f, "{comma}{count} {kind}")?;
        }
        match (self.compared.is_empty(), self.differences.len()) {
            (true, _) => f.write_str("nothing is derived, as there is nothing to derive it from"),
            (_, 0) => f.write_str(" were derived again: all are as kept"),
            (_, 1) => f.write_str(" were derived again: 1 is not as kept"),
            (_, many) => write!(f, " were derived again: {many} are not as kept"),
        }
    }
}
