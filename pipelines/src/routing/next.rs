//! An operator asks for the next contact.

use super::store;
use crate::conversations::LifeError;
use crate::conversations::life::Act;
use crate::conversations::steps;
use crate::events::ContactId;
use crate::platform::store::Store;
use crate::workforce::{Actor, Right};

/// Others may take the head of the queue this often in a row before it counts as empty for now.
const TRIES: usize = 50;

/// Takes the first contact of the queue that the actor may serve: critical before urgent before the rest, then by the
/// time of queueing. None: nobody waits.
///
/// The head is waited for, not skipped, when somebody has it locked for a moment (its customer may be writing):
/// so a later contact never passes an older one of the same rank.
pub async fn take_next(store: &Store, actor: &Actor) -> Result<Option<ContactId>, LifeError> {
    actor.require(Right::Serve)?;
    for _ in 0..TRIES {
        let mut change = store.begin().await?;
        if !store::anybody_waits(change.conn(), actor).await? {
            return Ok(None);
        }
        let Some(contact) = store::lock_head(change.conn(), actor).await? else { continue };
        let locked = steps::lock(&mut change, contact).await?;
        steps::step(&mut change, &locked, Act::Take(actor.id), Some(actor.id)).await?;
        actor.commit(change).await?;
        return Ok(Some(contact));
    }
    Ok(None)
}
