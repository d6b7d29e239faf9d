//! Who works in the demonstration: every role, every language.

use models::taxonomy::Language;

use crate::workforce::Role;

/// The password of everybody in the demonstration. It is printed beside the logins and meant for nothing else.
pub const PASSWORD: &str = "okno-demo";

#[derive(Debug)]
pub struct StaffPlan {
    pub login: &'static str,
    pub name: &'static str,
    pub roles: &'static [Role],
    pub languages: &'static [Language],
    /// Contacts at once.
    pub capacity: u16,
}

use Language::{En, Kk, Ru, Uz};

/// The first three are the ones to try first: an operator, the quality team, an administrator.
#[rustfmt::skip]
pub(super) fn all() -> Vec<StaffPlan> {
    vec![
        StaffPlan { login: "marina", name: "Марина Ерёмина", roles: &[Role::Operator], languages: &[Ru, Kk, Uz, En], capacity: 8 },
        StaffPlan { login: "olga", name: "Ольга Тарасова", roles: &[Role::Quality], languages: &[Ru, En], capacity: 0 },
        StaffPlan { login: "admin", name: "Ирина Соколова", roles: &[Role::Operator, Role::Admin], languages: &[Ru, Kk, Uz, En], capacity: 8 },
        StaffPlan { login: "pavel", name: "Павел Чернов", roles: &[Role::Analyst], languages: &[Ru], capacity: 0 },
        StaffPlan { login: "denis", name: "Денис Громов", roles: &[Role::Operator], languages: &[Ru], capacity: 5 },
        StaffPlan { login: "katya", name: "Екатерина Орлова", roles: &[Role::Operator], languages: &[Ru, En], capacity: 5 },
        StaffPlan { login: "aigerim", name: "Айгерім Сейітова", roles: &[Role::Operator], languages: &[Kk, Ru], capacity: 5 },
        StaffPlan { login: "yerlan", name: "Ерлан Оспанов", roles: &[Role::Operator], languages: &[Kk, Ru, En], capacity: 4 },
        StaffPlan { login: "dilnoza", name: "Dilnoza Karimova", roles: &[Role::Operator], languages: &[Uz, Ru], capacity: 5 },
        StaffPlan { login: "sardor", name: "Sardor Yusupov", roles: &[Role::Operator, Role::Quality], languages: &[Uz, Ru, En], capacity: 4 },
    ]
}
