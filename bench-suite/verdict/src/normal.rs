//! The normal distribution: what is drawn from it, and where its tails begin.

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

/// A standard normal number. Box and Muller, *A note on the generation of random normal deviates* (1958).
pub(crate) fn draw(rng: &mut Xoshiro256PlusPlus) -> f64 {
    let (radius, turn): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    (-2.0 * libm::log(radius)).sqrt() * libm::cos(std::f64::consts::TAU * turn)
}

/// What a standard normal number exceeds with this chance, which must lie in 0..0.5: bisection of its tail.
pub(crate) fn exceeded_with(chance: f64) -> f64 {
    let tail = |z: f64| 0.5 * libm::erfc(z / std::f64::consts::SQRT_2);
    let (mut low, mut high) = (0.0, 40.0);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if tail(middle) > chance { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn tails_as_in_every_table() {
        for (chance, z) in [(0.025, 1.959_964), (0.005, 2.575_829), (0.001, 3.090_232), (1e-9, 5.997_807)] {
            assert!((exceeded_with(chance) - z).abs() < 1e-6, "{chance}");
        }
    }

    #[test]
    fn what_is_drawn_is_standard() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let drawn: Vec<f64> = (0..100_000).map(|_| draw(&mut rng)).collect();
        let mean = drawn.iter().sum::<f64>() / 1e5;
        let square = drawn.iter().map(|x| x * x).sum::<f64>() / 1e5;
        let beyond = drawn.iter().filter(|x| x.abs() > 1.959_964).count();
        assert!(mean.abs() < 0.013 && (square - 1.0).abs() < 0.018, "{mean} {square}");
        assert!((4_750..5_250).contains(&beyond), "{beyond}");
    }
}
