//! Repeatable chance: the same seed, number and salt throw the same dice on every machine and in every release.
//!
//! Must stay true: one message's dice depend on its own number only, never on how many were thrown before it, so that
//! message 90 000 costs as much as message 1.

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// Dice for one thing (`index`) and one purpose (`salt`).
    #[must_use]
    pub fn of(seed: u64, index: u64, salt: u64) -> Self {
        let mut dice = Self { state: seed ^ index.wrapping_mul(0xd6e8_feb8_6659_fd93) ^ salt.rotate_left(32) };
        dice.next();
        dice
    }

    /// The next 64 bits (SplitMix64).
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 if `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap_or(0)
    }

    /// True `percent` times of a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of the items.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }

    /// A fraction from 0 up to 1.
    pub fn fraction(&mut self) -> f64 {
        // 53 bits are what an f64 holds exactly.
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A normally distributed number with mean 0 and deviation 1.
    pub fn normal(&mut self) -> f64 {
        // The sum of twelve uniform numbers is near enough, and has no logarithm of zero.
        (0..12).map(|_| self.fraction()).sum::<f64>() - 6.0
    }
}
