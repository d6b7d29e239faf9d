//! Turns that were read lately, so that a talk that grows by one turn costs one turn, and a summary at its end little.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::reading::Reading;
use crate::reading::talk::TurnVector;

/// Turns of one generation, about 3 kB each; two generations are held.
const GENERATION: usize = 8_192;

/// What is known of a turn's text.
#[derive(Debug, PartialEq)]
pub(super) struct Turn {
    pub(super) vector: TurnVector,
    pub(super) reading: Reading,
}

/// The digest of a turn's text.
pub(super) type Key = [u8; 32];

/// A bounded memory: what was asked for in the last `GENERATION` turns is there, older ones go all at once.
#[derive(Debug, Default)]
pub(super) struct Memory {
    generations: Mutex<Generations>,
}

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Key, Arc<Turn>>,
    old: HashMap<Key, Arc<Turn>>,
}

pub(super) fn key(text: &str) -> Key {
    Sha256::digest(text).into()
}

impl Memory {
    pub(super) fn get(&self, key: &Key) -> Option<Arc<Turn>> {
        let mut known = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = known.young.get(key) {
            return Some(turn.clone());
        }
        let turn = known.old.remove(key)?;
        known.put(*key, turn.clone());
        Some(turn)
    }

    pub(super) fn put(&self, key: Key, turn: Arc<Turn>) {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner).put(key, turn);
    }
}

impl Generations {
    fn put(&mut self, key: Key, turn: Arc<Turn>) {
        if self.young.len() == GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, turn);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(value: usize) -> Arc<Turn> {
        let vector = TurnVector { pooled: vec![value as f32], roles: Vec::new() };
        Arc::new(Turn { vector, reading: Reading::empty() })
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let memory = Memory::default();
        let first = key("0");
        for n in 0..5 * GENERATION {
            memory.put(key(&n.to_string()), turn(n));
            assert_eq!(memory.get(&first), Some(turn(0)), "after {n}");
        }
        assert_eq!(memory.get(&key("1")), None);
        let known = memory.generations.lock().expect("nobody panicked");
        assert!(known.young.len() <= GENERATION && known.old.len() <= GENERATION);
    }
}
