//! Every identifier that the simulated AWS hands out.
//!
//! Deterministic: the same calls in the same order give the same ids, so that a test can be repeated to the
//! letter. Nothing here is secret, and nothing needs to be.

use sha2::{Digest, Sha256};

const LOWER_AND_DIGITS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// IAM's ids use the base32 alphabet.
const UPPER_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HEX: &[u8] = b"0123456789abcdef";

/// A generator of ids: a seeded sequence (SplitMix64), never the randomness of the operating system.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    state: u64,
}

impl Ids {
    /// The generator of a whole world.
    pub(crate) fn seeded(seed: u64) -> Self {
        Ids { state: seed }
    }

    /// The generator that belongs to a text: ids derived from a name stay the same when the file that
    /// mentions the name is reordered.
    pub(crate) fn of(text: &str) -> Self {
        let digest = Sha256::digest(text.as_bytes());
        let mut seed = [0; 8];
        seed.copy_from_slice(&digest[..8]);
        Ids { state: u64::from_be_bytes(seed) }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn spell(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length)
            .map(|_| {
                let index = self.next() % alphabet.len() as u64;
                char::from(alphabet[usize::try_from(index).expect("an alphabet is shorter than usize")])
            })
            .collect()
    }

    /// A version 4 UUID in its usual spelling.
    pub(crate) fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        let high = (high & 0xFFFF_FFFF_FFFF_0FFF) | 0x4000;
        let low = (low & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000;
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xFFFF,
            high & 0xFFFF,
            low >> 48,
            low & 0xFFFF_FFFF_FFFF
        )
    }

    /// `length` hexadecimal digits.
    pub(crate) fn hex(&mut self, length: usize) -> String {
        self.spell(HEX, length)
    }

    /// `length` letters and digits as the unique ids of IAM use them.
    pub(crate) fn alphanumeric_upper(&mut self, length: usize) -> String {
        self.spell(UPPER_AND_DIGITS, length)
    }

    /// `length` small letters and digits as the ids of Organizations use them.
    pub(crate) fn alphanumeric_lower(&mut self, length: usize) -> String {
        self.spell(LOWER_AND_DIGITS, length)
    }

    /// An account id: twelve digits, the first of them not zero.
    pub(crate) fn account(&mut self) -> String {
        (100_000_000_000 + self.next() % 900_000_000_000).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids_and_another_gives_others() {
        let sequence = |mut ids: Ids| (ids.uuid(), ids.hex(12), ids.account());
        assert_eq!(sequence(Ids::seeded(7)), sequence(Ids::seeded(7)));
        assert_ne!(sequence(Ids::seeded(7)), sequence(Ids::seeded(8)));
        assert_ne!(sequence(Ids::of("Security")), sequence(Ids::of("Sandbox")));
    }

    #[test]
    fn ids_have_the_forms_of_aws() {
        let mut ids = Ids::seeded(1);
        for _ in 0..200 {
            let uuid = ids.uuid();
            let groups: Vec<usize> = uuid.split('-').map(str::len).collect();
            assert_eq!(groups, [8, 4, 4, 4, 12], "{uuid}");
            assert_eq!(&uuid[14..15], "4", "{uuid}");
            assert!("89ab".contains(&uuid[19..20]), "{uuid}");
            let account = ids.account();
            assert!(account.len() == 12 && account.bytes().all(|digit| digit.is_ascii_digit()), "{account}");
        }
    }
}
