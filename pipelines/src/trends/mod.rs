//! What contacts are about, counted: by five minutes, judged as each step ends, with alerts where more came than could be
//! expected, and what lies behind them.

pub mod acts;
pub mod alerts;
mod atlas;
mod causes;
pub mod contacts;
mod counting;
mod dishes;
mod engine;
pub mod given;
pub mod holidays;
mod incident;
pub mod points;
mod raise;
mod rebuild;
mod scope;
mod silence;
mod store;
pub mod stream;
mod themes;
mod ticks;

pub use counting::{Count, Past, count_past, count_told};
pub use rebuild::{Rebuild, judge_anew};
pub use scope::Scope;
pub use themes::{ThemeError, Themes, theme_rate};
pub use ticks::{Ticks, run, tick};

use models::trends::Step;

use crate::events::{UnknownWord, words};
use crate::platform::store::StoreError;
use crate::workforce::Forbidden;

crate::id!(
    /// What a person did with an alert.
    ActId
);

words!(
    /// What stood out: more contacts than expected, a feed that fell silent, a matter that no topic names.
    AlertKind { Count = "count", Silence = "silence", Theme = "theme" }
);
words!(
    /// How far an alert has come.
    AlertState { Open = "open", Acknowledged = "acknowledged", Ended = "ended" }
);
words!(
    /// Whether there was something behind an alert.
    AlertVerdict { Real = "real", Noise = "noise" }
);
words!(
    /// What people do with alerts.
    AlertAct {
        Acknowledged = "acknowledged", Commented = "commented", Muted = "muted", Unmuted = "unmuted", Judged = "judged",
    }
);

/// Why nothing is said of trends.
#[derive(Debug, thiserror::Error)]
pub enum TrendError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error("there is no such alert that you may see")]
    NotFound,
    #[error("the period holds more steps than are shown at once; choose a longer step or a shorter period")]
    TooLong,
    #[error("the time lies outside the years 1970 to 2199; choose one within them")]
    TooFar,
    #[error("the time does not begin a step; take `at` of a point as it came")]
    OffStep,
}

/// Of the alerts of one tick so many may be false. With no series out of the ordinary the ticks of a step bring an alarm
/// once in sixty days, those of weeks once in a year.
fn rate(step: Step) -> f64 {
    (step.seconds() as f64 / (60.0 * 86_400.0)).min(0.02)
}
