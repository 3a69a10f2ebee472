//! Parts of an organization that several machines verify side by side.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use crate::AccountId;
use crate::scatter::scattered;

/// One of several parts of all accounts, such as `2/3`: the second of three.
///
/// An account is in the shard that its id alone decides: its twelve digits, read as a number and scattered by
/// SplitMix64, times the number of shards, divided by 2⁶⁴ and rounded down, plus one. So every account is in exactly
/// one shard, on every machine, and whichever other accounts there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    number: NonZeroU32,
    of: NonZeroU32,
}

/// A text that is no shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a shard (such as `2/3`, the second of three; counted from 1, and at most {MOST})")]
pub struct InvalidShard(String);

/// As many as an organization can have accounts (aws-facts D4).
const MOST: u32 = 50_000;

impl Shard {
    /// All shards of so many, in order.
    pub fn all(of: NonZeroU32) -> impl Iterator<Item = Shard> {
        (1..=of.get()).filter_map(NonZeroU32::new).map(move |number| Shard { number, of })
    }

    /// The shard of so many that an account is in.
    pub fn holding(account: &AccountId, of: NonZeroU32) -> Shard {
        let scattered = u128::from(scattered(account.number()));
        let before = (scattered * u128::from(of.get())) >> u64::BITS;
        let number = u32::try_from(before).ok().and_then(|before| NonZeroU32::MIN.checked_add(before));
        Shard { number: number.expect("what is scattered is less than 2^64"), of }
    }

    /// Whether an account is in it.
    pub fn holds(self, account: &AccountId) -> bool {
        Shard::holding(account, self.of) == self
    }

    /// How many shards there are.
    pub fn of(self) -> NonZeroU32 {
        self.of
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = InvalidShard;

    fn from_str(text: &str) -> Result<Shard, InvalidShard> {
        let parsed = text.split_once('/').and_then(|(number, of)| {
            let shard = Shard { number: number.parse().ok()?, of: of.parse().ok()? };
            (shard.number <= shard.of && shard.of.get() <= MOST).then_some(shard)
        });
        parsed.ok_or_else(|| InvalidShard(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(account: &str) -> AccountId {
        account.parse().unwrap()
    }

    #[test]
    fn a_shard_is_written_as_it_is_read() {
        for text in ["1/1", "2/3", "50000/50000"] {
            assert_eq!(text.parse::<Shard>().unwrap().to_string(), text);
        }
        for text in ["", "/", "1", "0/3", "4/3", "1/0", "-1/3", "1/3/5", "a/b", " 1/3", "1/50001"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }

    /// Worked out by hand from the description above, in another language.
    #[test]
    fn an_account_is_in_the_same_shard_on_every_machine() {
        let check = |account: &str, expected: [&str; 3]| {
            let of = |shards| Shard::holding(&id(account), NonZeroU32::new(shards).unwrap()).to_string();
            assert_eq!([of(2), of(3), of(1000)], expected, "{account}");
        };
        check("000000000000", ["2/2", "3/3", "884/1000"]);
        check("000000000001", ["2/2", "2/3", "567/1000"]);
        check("111122223333", ["2/2", "2/3", "608/1000"]);
        check("222200003103", ["1/2", "1/3", "192/1000"]);
        check("999999999999", ["2/2", "2/3", "580/1000"]);
    }
}
