//! What the values of a template are for one contact.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use models::taxonomy::Language;

use super::store::Subject;
use super::{Variable, wording};
use crate::orders::{OrderStatus, OrderSummary};
use crate::platform::store::{Store, StoreError};

/// How many orders are looked at for one that is under way.
const ORDERS: i64 = 10;

/// What is known of a contact.
pub(super) struct Known {
    pub(super) values: HashMap<Variable, String>,
    /// The order that the values speak of.
    pub(super) order: Option<OrderSummary>,
}

/// The values that are known of `subject`, worded in `language`; `operator` is the name of who writes.
pub(super) async fn known(
    store: &Store,
    operator: Option<&str>,
    subject: &Subject,
    language: Language,
) -> Result<Known, StoreError> {
    let person = crate::customers::person(store, subject.customer).await?;
    let (orders, _) = crate::orders::latest_orders(store, &person, ORDERS).await?;
    let under_way = |order: &&OrderSummary| !matches!(order.status, OrderStatus::Delivered | OrderStatus::Cancelled);
    let order = orders.iter().find(under_way).or(orders.first());
    let now = store.clock().now();
    let zone = subject.zone.as_deref().and_then(|zone| TimeZone::get(zone).ok());
    let value = |variable| match variable {
        Variable::CustomerName => subject.customer_name.clone(),
        Variable::OperatorName => operator.map(str::to_owned),
        Variable::LastOrder => order.map(|order| wording::dishes(lines(order))).filter(|dishes| !dishes.is_empty()),
        Variable::OrderNumber => order.map(|order| order.number.clone()),
        Variable::Dish => order.and_then(only_dish),
        Variable::Sum => order.map(|order| wording::money(order.total, language)),
        Variable::WaitingTime => subject.waiting_since.map(|since| wording::span(now.duration_since(since), language)),
        Variable::DueTime => order
            .and_then(|order| order.due_at)
            .zip(zone.as_ref())
            .map(|(at, zone)| wording::time(at, now, zone, language)),
        Variable::Restaurant => order.map(|order| order.restaurant.clone()).or_else(|| subject.restaurant.clone()),
        Variable::City => subject.city.clone(),
    };
    let known = Variable::ALL.iter().filter_map(|variable| Some((*variable, value(*variable)?)));
    let values = known.filter(|(_, value)| !value.trim().is_empty()).collect();
    Ok(Known { values, order: order.cloned() })
}

fn lines(order: &OrderSummary) -> impl Iterator<Item = (&str, u16)> {
    order.lines.iter().map(|line| (line.name.as_str(), line.quantity))
}

/// Which dish is meant is plain only where there is one.
fn only_dish(order: &OrderSummary) -> Option<String> {
    match order.lines.as_slice() {
        [line] => Some(line.name.clone()),
        _ => None,
    }
}
