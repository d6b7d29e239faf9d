//! Orders as they are read.

use std::collections::HashMap;

use jiff_sqlx::ToSqlx;
use sqlx::PgPool;
use uuid::Uuid;

use crate::events::CustomerId;
use crate::orders::{Currency, Money, OrderId, OrderLine, OrderStatus, OrderSummary};
use crate::platform::page::Cursor;
use crate::platform::store::StoreError;

/// The latest orders of `customers` together, before `before`: the newest few of each by index, then the newest of all.
pub(crate) async fn latest(
    pool: &PgPool,
    customers: &[CustomerId],
    before: Option<Cursor>,
    rows: i64,
) -> Result<Vec<OrderSummary>, StoreError> {
    let ids: Vec<Uuid> = customers.iter().map(|customer| customer.0).collect();
    let found = sqlx::query!(
        r#"SELECT o.id AS "id!: OrderId", o.number AS "number!", o.placed_at AS "placed_at!: jiff_sqlx::Timestamp",
                  o.due_at AS "due_at: jiff_sqlx::Timestamp", o.status AS "status!: OrderStatus",
                  o.total_minor AS "total_minor!", o.currency AS "currency!: Currency", o.wishes,
                  r.name AS "restaurant!"
           FROM unnest($1::uuid[]) AS whose (customer_id)
           CROSS JOIN LATERAL (
             SELECT * FROM customer_order o
             WHERE o.customer_id = whose.customer_id
               AND ($2::timestamptz IS NULL OR (o.placed_at, o.id) < ($2, $3))
             ORDER BY o.placed_at DESC, o.id DESC LIMIT $4
           ) o
           JOIN restaurant r ON r.id = o.restaurant_id
           ORDER BY o.placed_at DESC, o.id DESC LIMIT $4"#,
        &ids,
        before.map(|place| place.at.to_sqlx()) as _,
        before.map(|place| place.id),
        rows,
    )
    .fetch_all(pool)
    .await?;
    let orders: Vec<OrderSummary> = found
        .into_iter()
        .map(|row| OrderSummary {
            id: row.id,
            number: row.number,
            placed_at: row.placed_at.to_jiff(),
            due_at: row.due_at.map(|at| at.to_jiff()),
            status: row.status,
            total: Money::new(row.total_minor, row.currency),
            restaurant: row.restaurant,
            wishes: row.wishes,
            lines: Vec::new(),
        })
        .collect();
    with_lines(pool, &ids, orders).await
}

async fn with_lines(
    pool: &PgPool,
    customers: &[Uuid],
    mut orders: Vec<OrderSummary>,
) -> Result<Vec<OrderSummary>, StoreError> {
    let ids: Vec<Uuid> = orders.iter().map(|order| order.id.0).collect();
    let rows = sqlx::query!(
        r#"SELECT order_id AS "order: OrderId", name, quantity, price_minor, wishes FROM order_line
           WHERE customer_id = ANY($1) AND order_id = ANY($2) ORDER BY order_id, line"#,
        customers,
        &ids,
    )
    .fetch_all(pool)
    .await?;
    let place: HashMap<OrderId, usize> = orders.iter().enumerate().map(|(n, order)| (order.id, n)).collect();
    for row in rows {
        let Some(order) = place.get(&row.order).and_then(|n| orders.get_mut(*n)) else { continue };
        order.lines.push(OrderLine {
            name: row.name,
            quantity: u16::try_from(row.quantity).unwrap_or_default(),
            price: Money::new(row.price_minor, order.total.currency),
            wishes: row.wishes,
        });
    }
    Ok(orders)
}

pub(crate) async fn count(pool: &PgPool, customers: &[CustomerId]) -> Result<u32, StoreError> {
    let ids: Vec<Uuid> = customers.iter().map(|customer| customer.0).collect();
    let count =
        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM customer_order WHERE customer_id = ANY($1)"#, &ids,)
            .fetch_one(pool)
            .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}
