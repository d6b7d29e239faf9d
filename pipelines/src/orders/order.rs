//! Orders as people see them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{BrandId, CityId, MenuItemId, Money, RestaurantId, store};
use crate::events::{CustomerId, UnknownWord, words};
use crate::platform::page::{Cursor, Limit, Page};
use crate::platform::store::{Change, Store, StoreError};
use crate::workforce::{Actor, Right, WorkforceError};

crate::id!(
    /// An order.
    OrderId
);
words!(
    /// How far an order has come.
    OrderStatus {
        Placed = "placed", Cooking = "cooking", OnWay = "on_way", Delivered = "delivered", Cancelled = "cancelled",
    }
);

/// An order with what is in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrderSummary {
    pub id: OrderId,
    pub number: String,
    pub placed_at: Timestamp,
    /// When it was promised.
    pub due_at: Option<Timestamp>,
    pub status: OrderStatus,
    pub total: Money,
    pub restaurant: String,
    /// What the customer wished for the whole order.
    pub wishes: Option<String>,
    pub lines: Vec<OrderLine>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrderLine {
    /// As it was called when it was ordered.
    pub name: String,
    pub quantity: u16,
    /// Of one piece.
    pub price: Money,
    pub wishes: Option<String>,
}

/// Orders of a customer, and of those who are linked to them as one person, latest first.
pub async fn orders_of(
    store: &Store,
    actor: &Actor,
    customer: CustomerId,
    before: Option<Cursor>,
    limit: Limit,
) -> Result<Page<OrderSummary>, WorkforceError> {
    actor.require(Right::ReadCards)?;
    let person = crate::customers::person(store, customer).await?;
    let rows = store::orders::latest(store.pool(), &person, before, limit.one_more()).await?;
    let place = |order: &OrderSummary| Cursor { at: order.placed_at, id: order.id.0 }.to_string();
    Ok(Page::of(rows, limit, place))
}

/// Orders of several customers together, latest first, and how many there are in all.
pub(crate) async fn latest_orders(
    store: &Store,
    customers: &[CustomerId],
    rows: i64,
) -> Result<(Vec<OrderSummary>, u32), StoreError> {
    let orders = store::orders::latest(store.pool(), customers, None, rows).await?;
    Ok((orders, store::orders::count(store.pool(), customers).await?))
}

/// An order as it comes from a till, an import or a generator; known by customer and id.
#[derive(Clone, Debug, PartialEq)]
pub struct NewOrder {
    pub customer: CustomerId,
    /// [`order_id`] where the source has no id of its own.
    pub id: OrderId,
    /// 1 to 32 characters.
    pub number: String,
    pub brand: BrandId,
    pub city: CityId,
    pub restaurant: RestaurantId,
    pub status: OrderStatus,
    pub placed_at: Timestamp,
    pub due_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub total: Money,
    pub wishes: Option<String>,
    pub lines: Vec<NewLine>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct NewLine {
    pub menu_item: Option<MenuItemId>,
    pub name: String,
    pub quantity: u16,
    /// Of one piece, in the order's currency.
    pub price_minor: i64,
    pub wishes: Option<String>,
}

/// The id of an order that is known by a brand's number for it: the same number always gives the same id, so that a
/// file can be imported again (a version 8 UUID, RFC 9562, section 5.8).
pub fn order_id(brand: BrandId, number: &str) -> OrderId {
    use sha2::{Digest, Sha256};
    let digest = Sha256::new().chain_update(brand.0.as_bytes()).chain_update(number.as_bytes()).finalize();
    let mut bytes = [0u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    OrderId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// Adds orders with their lines, or changes those that are known: a few statements, however many orders. Gives the
/// number of orders that are not as before. Two orders of one call must not be the same. No events: what is put here
/// in bulk is history.
pub async fn put_orders(change: &mut Change, orders: &[NewOrder]) -> Result<u64, StoreError> {
    let put = store::bulk::put_orders(change, orders).await?;
    store::bulk::put_lines(change, orders).await?;
    Ok(put)
}
