// SPDX-License-Identifier: MIT OR Apache-2.0

//! Validity bitmaps, as Arrow has them: bit i, the lowest of a byte first, is 1 where row i is valid.

/// A bitmap with bit i as item i.
///
/// ```
/// let bits = exprjit::pack_validity([Some(1.0), None, Some(3.0)].iter().map(Option::is_some));
/// assert_eq!(bits, [0b101]);
/// ```
pub fn pack_validity(valid: impl IntoIterator<Item = bool>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (row, valid) in valid.into_iter().enumerate() {
        if row % 8 == 0 {
            bytes.push(0);
        }
        bytes[row / 8] |= u8::from(valid) << (row % 8);
    }
    bytes
}

/// Bit `row` of a bitmap. Panics where the bitmap has no such bit.
///
/// ```
/// assert!(exprjit::is_valid(&[0b101], 2));
/// ```
pub fn is_valid(bits: &[u8], row: usize) -> bool {
    bits[row / 8] >> (row % 8) & 1 != 0
}
