//! The order of the functions: what is alike stands side by side, where a compressor finds it again for the fewest bits.

/// So many bytes in a row are one feature of a function.
const WINDOW_BYTES: usize = 4;

/// So much what the function before the last one has counts, beside what the last one has.
const OLDER: f64 = 2.0 / 3.0;
/// So much the difference in length counts against what is shared.
const LENGTH: f64 = 0.7;

type Feature = [u8; WINDOW_BYTES];

/// Each function follows the two that it is most like. Begins with the longest.
pub(super) fn alike_side_by_side(bodies: &[&[u8]]) -> Vec<u32> {
    let features: Vec<_> = bodies.iter().map(|body| features(body)).collect();
    let mut left: Vec<usize> = (0..bodies.len()).collect();
    let mut order = Vec::with_capacity(bodies.len());
    let mut older: &[Feature] = &[];
    let mut next = left.iter().copied().max_by_key(|&idx| bodies[idx].len());
    while let Some(current) = next {
        order.push(u32::try_from(current).expect("WebAssembly counts functions in 32 bits"));
        left.retain(|&idx| idx != current);
        next = most_like(&weighed(&features[current], older), &left, &features);
        older = &features[current];
    }
    order
}

/// What either has, sorted, each once, and what it counts.
fn weighed(last: &[Feature], older: &[Feature]) -> Vec<(Feature, f64)> {
    let last = last.iter().map(|feature| (*feature, 1.0));
    let older = older.iter().map(|feature| (*feature, OLDER));
    let mut both: Vec<_> = last.chain(older).collect();
    // The last one's are in front, and stay.
    both.sort_by_key(|(feature, _)| *feature);
    both.dedup_by_key(|(feature, _)| *feature);
    both
}

/// Sorted, each once.
fn features(body: &[u8]) -> Vec<Feature> {
    let mut features: Vec<_> = body.array_windows().copied().collect();
    features.sort_unstable();
    features.dedup();
    features
}

fn most_like(
    context: &[(Feature, f64)],
    left: &[usize],
    features: &[Vec<Feature>],
) -> Option<usize> {
    let weight: f64 = context.iter().map(|(_, weight)| weight).sum();
    let mut best = None;
    let mut best_likeness = -1.0;
    for &idx in left {
        let other = features[idx].len() as f64;
        let whole = weight.min(other) + 1.0 + LENGTH * (weight - other).abs();
        if weight.min(other) / whole <= best_likeness {
            continue;
        }
        let likeness = shared(context, &features[idx]) / whole;
        if likeness > best_likeness {
            best_likeness = likeness;
            best = Some(idx);
        }
    }
    best
}

/// The weight of what a function has of it.
fn shared(context: &[(Feature, f64)], other: &[Feature]) -> f64 {
    let mut other = other.iter().peekable();
    let mut is_shared = |feature: &Feature| {
        while other.next_if(|other| *other < feature).is_some() {}
        other.peek() == Some(&feature)
    };
    let weights = context.iter().filter(|(feature, _)| is_shared(feature));
    weights.map(|(_, weight)| weight).sum()
}

#[cfg(test)]
mod tests {
    use super::alike_side_by_side;

    #[test]
    fn what_is_alike_stands_side_by_side_and_nothing_is_lost() {
        let bodies: [&[u8]; 4] = [b"abcdefgh", b"12345678", b"abcdefg", b"123456789"];
        assert_eq!(alike_side_by_side(&bodies), [3, 1, 0, 2]);
        assert!(alike_side_by_side(&[]).is_empty());
    }
}
