//! argon2id passwords: hashed away from the threads that answer requests, and only a few at a time.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// OWASP's first choice for argon2id: 19 MiB, 2 passes, 1 lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes at the same time: more would only make each slower, and cost 19 MiB each.
const AT_ONCE: usize = 2;
/// Longer in the queue, and the asker hears that we are busy.
const MOST_WAIT: Duration = Duration::from_secs(5);

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    at_once: Arc<Semaphore>,
    /// Checked when nobody has the name, so that the answer takes as long.
    nobody: Arc<str>,
}

impl Passwords {
    /// Makes the hash of nobody's password: takes as long as one hash.
    pub fn new() -> Self {
        let (unguessable, _) = crate::tokens::new_token();
        Self {
            at_once: Arc::new(Semaphore::new(AT_ONCE)),
            nobody: hash_now(&unguessable).into(),
        }
    }

    /// The PHC string of a password.
    pub async fn hash(&self, password: String) -> Result<String, Problem> {
        self.away(move || hash_now(&password)).await
    }

    /// Whether the password is the one of `stored`. Without a stored hash the answer is no, after the same time.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, Problem> {
        let nobody = Arc::clone(&self.nobody);
        self.away(move || {
            let known = stored.is_some();
            let phc = stored.as_deref().unwrap_or(&nobody);
            let matches = PasswordHash::new(phc)
                .is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok());
            known && matches
        })
        .await
    }

    async fn away<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let permit = tokio::time::timeout(MOST_WAIT, Arc::clone(&self.at_once).acquire_owned())
            .await
            .map_err(|_elapsed| Problem::busy())?
            .expect("the semaphore is never closed");
        tokio::task::spawn_blocking(move || {
            let done = work();
            // Held to the end of the work, also when the asker went away in the middle of it.
            drop(permit);
            done
        })
        .await
        .map_err(|_join| Problem::internal())
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .expect("the parameters are within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &str) -> String {
    argon2()
        .hash_password(password.as_bytes(), &SaltString::generate(&mut OsRng))
        .expect("the password is within argon2's bounds")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_and_nobodys_fits_none() {
        let passwords = Passwords::new();
        let stored = passwords
            .hash("correct horse battery".into())
            .await
            .unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let fits = async |password: &str, stored: Option<String>| {
            passwords.verify(password.into(), stored).await.unwrap()
        };
        assert!(fits("correct horse battery", Some(stored.clone())).await);
        assert!(!fits("correct horse batterz", Some(stored)).await);
        assert!(!fits("anything", None).await);
        assert!(!fits("anything", Some("no hash".into())).await);
    }
}
