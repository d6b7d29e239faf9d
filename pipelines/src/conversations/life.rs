//! The life of a contact as a pure table: where it stands, what may be done, where it stands then.

use crate::events::{ContactState, OperatorId, Step};

/// Where a contact stands and with whom. A state that needs an owner has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Waits for anybody.
    Queued,
    /// Waits for this operator to accept or decline.
    Offered(OperatorId),
    Active(OperatorId),
    Held(OperatorId),
    /// The talk is over, its paperwork is not.
    WrapUp(OperatorId),
    /// Over; by whom, unless nobody ever had it.
    Closed(Option<OperatorId>),
    /// The customer left before anybody answered.
    Abandoned,
}

/// What may be done to a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Offer(OperatorId),
    Take(OperatorId),
    Decline,
    Hold,
    Resume,
    /// To an operator, who is offered it, or to the queue.
    Transfer(Option<OperatorId>),
    Finish,
    Close,
    /// To the operator who opens it again, or to the queue when the customer does.
    Reopen(Option<OperatorId>),
    Abandon,
}

impl Place {
    /// The place after `act`; none where the table does not allow it.
    pub fn after(self, act: Act) -> Option<Self> {
        use Act as A;
        Some(match (self, act) {
            (Self::Queued, A::Offer(to)) => Self::Offered(to),
            (Self::Queued, A::Take(by)) => Self::Active(by),
            (Self::Offered(to), A::Take(by)) if to == by => Self::Active(by),
            (Self::Offered(_), A::Decline) => Self::Queued,
            (Self::Active(owner), A::Hold) => Self::Held(owner),
            (Self::Held(owner), A::Resume) => Self::Active(owner),
            (Self::Active(owner) | Self::Held(owner), A::Transfer(to)) if to != Some(owner) => {
                to.map_or(Self::Queued, Self::Offered)
            }
            (Self::Active(owner) | Self::Held(owner), A::Finish) => Self::WrapUp(owner),
            (Self::Active(owner) | Self::Held(owner) | Self::WrapUp(owner), A::Close) => Self::Closed(Some(owner)),
            (Self::Queued, A::Close) => Self::Closed(None),
            (Self::Queued | Self::Offered(_), A::Abandon) => Self::Abandoned,
            (Self::WrapUp(owner), A::Reopen(Some(by))) if owner == by => Self::Active(owner),
            (Self::Closed(_) | Self::Abandoned, A::Reopen(by)) => by.map_or(Self::Queued, Self::Active),
            _ => return None,
        })
    }

    /// The operator whose capacity it takes.
    pub fn owner(self) -> Option<OperatorId> {
        match self {
            Self::Offered(owner) | Self::Active(owner) | Self::Held(owner) | Self::WrapUp(owner) => Some(owner),
            Self::Queued | Self::Closed(_) | Self::Abandoned => None,
        }
    }

    /// As [`Place::owner`], or who had it last.
    pub fn operator(self) -> Option<OperatorId> {
        match self {
            Self::Closed(last) => last,
            other => other.owner(),
        }
    }

    pub fn state(self) -> ContactState {
        match self {
            Self::Queued => ContactState::Queued,
            Self::Offered(_) => ContactState::Offered,
            Self::Active(_) => ContactState::Active,
            Self::Held(_) => ContactState::Held,
            Self::WrapUp(_) => ContactState::WrapUp,
            Self::Closed(_) => ContactState::Closed,
            Self::Abandoned => ContactState::Abandoned,
        }
    }

    pub fn is_over(self) -> bool {
        matches!(self, Self::Closed(_) | Self::Abandoned)
    }

    /// As the database holds it; none for a pair that its checks forbid.
    pub(super) fn stored(state: ContactState, operator: Option<OperatorId>) -> Option<Self> {
        Some(match (state, operator) {
            (ContactState::Queued, None) => Self::Queued,
            (ContactState::Offered, Some(owner)) => Self::Offered(owner),
            (ContactState::Active, Some(owner)) => Self::Active(owner),
            (ContactState::Held, Some(owner)) => Self::Held(owner),
            (ContactState::WrapUp, Some(owner)) => Self::WrapUp(owner),
            (ContactState::Closed, last) => Self::Closed(last),
            (ContactState::Abandoned, _) => Self::Abandoned,
            _ => return None,
        })
    }
}

impl Act {
    /// The word under which the step is recorded.
    pub fn step(self) -> Step {
        match self {
            Self::Offer(_) => Step::Offered,
            Self::Take(_) => Step::Taken,
            Self::Decline => Step::Declined,
            Self::Hold => Step::Held,
            Self::Resume => Step::Resumed,
            Self::Transfer(_) => Step::Transferred,
            Self::Finish => Step::Finished,
            Self::Close => Step::Closed,
            Self::Reopen(_) => Step::Reopened,
            Self::Abandon => Step::Abandoned,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn operator(n: u8) -> OperatorId {
        OperatorId(uuid::Uuid::from_u128(u128::from(n)))
    }

    fn act() -> impl Strategy<Value = Act> {
        let who = (1u8..4).prop_map(operator);
        prop_oneof![
            who.clone().prop_map(Act::Offer),
            who.clone().prop_map(Act::Take),
            Just(Act::Decline),
            Just(Act::Hold),
            Just(Act::Resume),
            proptest::option::of(who.clone()).prop_map(Act::Transfer),
            Just(Act::Finish),
            Just(Act::Close),
            proptest::option::of(who).prop_map(Act::Reopen),
            Just(Act::Abandon),
        ]
    }

    proptest! {
        #[test]
        fn whatever_is_done_a_place_is_one_that_can_be_stored(acts in prop::collection::vec(act(), 0..40)) {
            let mut place = Place::Queued;
            for act in acts {
                let Some(next) = place.after(act) else { continue };
                prop_assert_eq!(Place::stored(next.state(), next.operator()), Some(next));
                let owned = ["offered", "active", "held", "wrap_up"].contains(&next.state().as_str());
                prop_assert_eq!(next.owner().is_some(), owned);
                // an owner changes only by giving it away or by its end, never by another's taking
                if let (Some(before), Some(after)) = (place.owner(), next.owner()) && before != after {
                    prop_assert!(matches!(act, Act::Transfer(Some(to)) if to == after));
                }
                if place.is_over() {
                    prop_assert!(matches!(act, Act::Reopen(_)));
                }
                place = next;
            }
        }
    }

    #[test]
    fn nobody_takes_what_another_was_offered() {
        let (mine, yours) = (operator(1), operator(2));
        assert_eq!(Place::Offered(mine).after(Act::Take(yours)), None);
        assert_eq!(Place::Offered(mine).after(Act::Take(mine)), Some(Place::Active(mine)));
        assert_eq!(Place::Active(mine).after(Act::Take(yours)), None);
        assert_eq!(Place::Active(mine).after(Act::Transfer(Some(mine))), None);
    }

    #[test]
    fn what_is_being_served_is_not_abandoned() {
        for place in [Place::Active(operator(1)), Place::Held(operator(1)), Place::WrapUp(operator(1))] {
            assert_eq!(place.after(Act::Abandon), None);
        }
    }
}
