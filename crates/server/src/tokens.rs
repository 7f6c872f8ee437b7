//! Random tokens: sessions and one-time links. The reader holds the token, the store only its SHA-256.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRngCore as _;
use runs::people::TokenHash;
use sha2::{Digest as _, Sha256};

/// 32 random bytes: nobody guesses one of these, so the plain hash of it is enough to store.
const TOKEN_BYTES: usize = 32;

/// A new token in base64url, and what is stored of it.
///
/// # Panics
/// When the system has no randomness: nothing that follows would be safe.
pub fn new_token() -> (String, TokenHash) {
    let mut bytes = [0_u8; TOKEN_BYTES];
    rand::rngs::OsRng
        .try_fill_bytes(&mut bytes)
        .expect("the system's random source works");
    (URL_SAFE_NO_PAD.encode(bytes), hash(&bytes))
}

/// What the store knows a token by; `None` if the text cannot be one of ours.
pub fn token_hash(token: &str) -> Option<TokenHash> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    (bytes.len() == TOKEN_BYTES).then(|| hash(&bytes))
}

/// What the tabs of one session call their session: a digest of what the store knows it by, cut short.
pub fn channel(token: &TokenHash) -> String {
    URL_SAFE_NO_PAD.encode(&hash(&[b"channel".as_slice(), token].concat())[..12])
}

fn hash(bytes: &[u8]) -> TokenHash {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_s_channel_is_its_own_and_shows_nothing_of_its_token() {
        let ((_, one), (_, other)) = (new_token(), new_token());
        assert_eq!(channel(&one), channel(&one));
        assert_ne!(channel(&one), channel(&other));
        assert_eq!(channel(&one).len(), 16);
        assert!(!URL_SAFE_NO_PAD.encode(one).contains(&channel(&one)));
    }

    #[test]
    fn a_token_is_known_by_its_hash_and_garbage_by_none() {
        let (token, stored) = new_token();
        assert_eq!(token.len(), 43);
        assert_eq!(token_hash(&token), Some(stored));
        for text in ["", "x", "ü", &token[1..], &format!("{token}A")] {
            assert_eq!(token_hash(text), None, "{text:?}");
        }
    }
}
