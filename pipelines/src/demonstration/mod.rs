//! The demonstration's world: restaurants, menus, people and a year of their orders, drawn from a seed.
//!
//! [`World::draw`] is pure: the same seed and moment give the same world. [`load`] puts it into an empty database.

mod accounts;
mod buying;
mod dice;
mod dishes;
mod habits;
mod history;
mod ingredients;
mod load;
mod names;
mod people;
mod places;
mod reference;
mod robots;
mod soup;
mod staff;
mod store;
mod talks;
mod templates;
mod templates_east;
mod world;

pub use accounts::secret_of;
pub use load::{is_loaded, load};
pub use people::Writer;
pub use staff::{PASSWORD, StaffPlan};
pub use talks::PastTalk;
pub use world::{Person, TemplatePlan, World};
