//! A hash that stays the same: on every machine, and in every version of this program.

/// SplitMix64 (Steele, Lea and Flood, 2014): every bit of `value` decides about every bit of the result, and no two
/// values have the same one. The standard library's hashes promise nothing about other versions.
pub fn scattered(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers of the published generator, which adds the same constant between them.
    #[test]
    fn it_is_the_published_function() {
        let step = 0x9E37_79B9_7F4A_7C15_u64;
        let published = [6457827717110365317, 3203168211198807973, 9817491932198370423];
        for (index, number) in published.into_iter().enumerate() {
            let state = step.wrapping_mul(index as u64).wrapping_add(1234567);
            assert_eq!(scattered(state), number);
        }
    }
}
