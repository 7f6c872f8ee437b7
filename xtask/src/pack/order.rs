//! The order of the functions: what is alike stands side by side, where a compressor finds it again for the fewest bits.

/// So many bytes in a row are one feature of a function.
const WINDOW_BYTES: usize = 4;

/// Each function follows the one that it is most like. Begins with the longest.
pub(super) fn alike_side_by_side(bodies: &[&[u8]]) -> Vec<u32> {
    let features: Vec<_> = bodies.iter().map(|body| features(body)).collect();
    let mut left: Vec<usize> = (0..bodies.len()).collect();
    let mut order = Vec::with_capacity(bodies.len());
    let mut next = left.iter().copied().max_by_key(|&idx| bodies[idx].len());
    while let Some(current) = next {
        order.push(u32::try_from(current).expect("WebAssembly counts functions in 32 bits"));
        left.retain(|&idx| idx != current);
        next = most_like(&features[current], &left, &features);
    }
    order
}

/// Sorted, each once.
fn features(body: &[u8]) -> Vec<[u8; WINDOW_BYTES]> {
    let mut features: Vec<_> = body.array_windows().copied().collect();
    features.sort_unstable();
    features.dedup();
    features
}

fn most_like(
    one: &[[u8; WINDOW_BYTES]],
    left: &[usize],
    features: &[Vec<[u8; WINDOW_BYTES]>],
) -> Option<usize> {
    let mut best = None;
    let mut best_likeness = -1.0;
    for &idx in left {
        let other = &features[idx];
        let (small, large) = if one.len() < other.len() {
            (one, other.as_slice())
        } else {
            (other.as_slice(), one)
        };
        // Less alike where one is far longer.
        let whole = small.len() as f64 + 1.0 + 0.35 * (large.len() - small.len()) as f64;
        if small.len() as f64 / whole <= best_likeness {
            continue;
        }
        let likeness = n_shared(small, large) as f64 / whole;
        if likeness > best_likeness {
            best_likeness = likeness;
            best = Some(idx);
        }
    }
    best
}

fn n_shared(small: &[[u8; WINDOW_BYTES]], large: &[[u8; WINDOW_BYTES]]) -> usize {
    let mut large = large.iter().peekable();
    small
        .iter()
        .filter(|feature| {
            while large.next_if(|other| other < feature).is_some() {}
            large.peek() == Some(feature)
        })
        .count()
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
