//! Many orders at once: a column is an array, a statement takes thousands of rows.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use crate::orders::{NewLine, NewOrder};
use crate::platform::store::{Change, StoreError};

pub(crate) async fn put_orders(change: &mut Change, orders: &[NewOrder]) -> Result<u64, StoreError> {
    let time = |of: fn(&NewOrder) -> Option<Timestamp>| -> Vec<Option<jiff_sqlx::Timestamp>> {
        orders.iter().map(|order| of(order).map(|at| at.to_sqlx())).collect()
    };
    let put = sqlx::query!(
        r#"INSERT INTO customer_order AS known
             (customer_id, id, number, brand_id, city_id, restaurant_id, status, placed_at, due_at, finished_at,
              total_minor, currency, wishes)
           SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[],
             $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::bigint[], $12::text[], $13::text[])
           ON CONFLICT (customer_id, id) DO UPDATE SET
             status = excluded.status, due_at = excluded.due_at, finished_at = excluded.finished_at,
             total_minor = excluded.total_minor, currency = excluded.currency, wishes = excluded.wishes
           WHERE (known.status, known.due_at, known.finished_at, known.total_minor, known.currency, known.wishes)
             IS DISTINCT FROM (excluded.status, excluded.due_at, excluded.finished_at, excluded.total_minor,
                               excluded.currency, excluded.wishes)"#,
        &orders.iter().map(|order| order.customer.0).collect::<Vec<_>>(),
        &orders.iter().map(|order| order.id.0).collect::<Vec<_>>(),
        &orders.iter().map(|order| order.number.clone()).collect::<Vec<_>>(),
        &orders.iter().map(|order| order.brand.0).collect::<Vec<_>>(),
        &orders.iter().map(|order| order.city.0).collect::<Vec<_>>(),
        &orders.iter().map(|order| order.restaurant.0).collect::<Vec<_>>(),
        &orders.iter().map(|order| order.status.as_str().to_owned()).collect::<Vec<_>>(),
        &time(|order| Some(order.placed_at)) as _,
        &time(|order| order.due_at) as _,
        &time(|order| order.finished_at) as _,
        &orders.iter().map(|order| order.total.minor).collect::<Vec<_>>(),
        &orders.iter().map(|order| order.total.currency.as_str().to_owned()).collect::<Vec<_>>(),
        &orders.iter().map(|order| order.wishes.clone()).collect::<Vec<_>>() as &[Option<String>],
    )
    .execute(change.conn())
    .await?;
    Ok(put.rows_affected())
}

/// Makes the lines of the orders as given: adds, changes, and removes those beyond the last.
pub(crate) async fn put_lines(change: &mut Change, orders: &[NewOrder]) -> Result<(), StoreError> {
    let lines: Vec<(&NewOrder, i16, &NewLine)> =
        orders.iter().flat_map(|order| (1i16..).zip(&order.lines).map(move |(n, line)| (order, n, line))).collect();
    sqlx::query!(
        r#"INSERT INTO order_line AS known
             (customer_id, order_id, line, menu_item_id, name, quantity, price_minor, wishes)
           SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::uuid[], $5::text[], $6::smallint[],
             $7::bigint[], $8::text[])
           ON CONFLICT (customer_id, order_id, line) DO UPDATE SET
             menu_item_id = excluded.menu_item_id, name = excluded.name, quantity = excluded.quantity,
             price_minor = excluded.price_minor, wishes = excluded.wishes
           WHERE (known.menu_item_id, known.name, known.quantity, known.price_minor, known.wishes)
             IS DISTINCT FROM (excluded.menu_item_id, excluded.name, excluded.quantity, excluded.price_minor,
                               excluded.wishes)"#,
        &lines.iter().map(|(order, _, _)| order.customer.0).collect::<Vec<_>>(),
        &lines.iter().map(|(order, _, _)| order.id.0).collect::<Vec<_>>(),
        &lines.iter().map(|(_, n, _)| *n).collect::<Vec<_>>(),
        &lines.iter().map(|(_, _, line)| line.menu_item.map(|item| item.0)).collect::<Vec<_>>()
            as &[Option<uuid::Uuid>],
        &lines.iter().map(|(_, _, line)| line.name.clone()).collect::<Vec<_>>(),
        &lines.iter().map(|(_, _, line)| i16::try_from(line.quantity).unwrap_or(i16::MAX)).collect::<Vec<_>>(),
        &lines.iter().map(|(_, _, line)| line.price_minor).collect::<Vec<_>>(),
        &lines.iter().map(|(_, _, line)| line.wishes.clone()).collect::<Vec<_>>() as &[Option<String>],
    )
    .execute(change.conn())
    .await?;
    sqlx::query!(
        r#"DELETE FROM order_line USING unnest($1::uuid[], $2::uuid[], $3::integer[]) AS whole (customer_id, order_id, lines)
           WHERE order_line.customer_id = whole.customer_id AND order_line.order_id = whole.order_id
             AND order_line.line > whole.lines"#,
        &orders.iter().map(|order| order.customer.0).collect::<Vec<_>>(),
        &orders.iter().map(|order| order.id.0).collect::<Vec<_>>(),
        &orders.iter().map(|order| i32::try_from(order.lines.len()).unwrap_or(i32::MAX)).collect::<Vec<_>>(),
    )
    .execute(change.conn())
    .await?;
    Ok(())
}
