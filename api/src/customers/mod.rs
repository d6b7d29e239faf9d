//! Customers: found, looked at, linked. Every reading of a card is audited where it happens, in pipelines.

mod links;

use axum::Json;
use axum::extract::State as Shared;
use pipelines::customers::{self, Card, FoundCustomer, IdentityId};
use pipelines::events::CustomerId;
use pipelines::orders::{self, OrderSummary};
use pipelines::platform::page::Page;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::server::body::{Path, Query};
use crate::server::bounded::{Count, Text};
use crate::server::errors::Refusals;
use crate::server::paging::{self, Paging};
use crate::server::signed_in::{ReadingCards, Revealing};
use crate::server::{ApiError, State};

pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(find_customers))
        .routes(routes!(get_card))
        .routes(routes!(list_orders))
        .routes(routes!(reveal_phone))
        .routes(routes!(links::link_customers))
        .routes(routes!(links::unlink_customers))
}

/// Whom to look for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CustomerQuery {
    /// A phone number in any form, the beginning of a name, or the number of an order.
    #[param(inline)]
    query: Text<2, 100>,
    #[param(inline)]
    cursor: Option<Text<1, 200>>,
    #[param(inline)]
    limit: Option<Count<100>>,
}

/// Finds customers by phone, name or order number.
#[utoipa::path(get, path = "/api/customers", tag = "customers", params(CustomerQuery),
    responses((status = 200, body = Page<FoundCustomer>), Refusals))]
async fn find_customers(
    Shared(state): Shared<State>,
    ReadingCards(actor): ReadingCards,
    Query(query): Query<CustomerQuery>,
) -> Result<Json<Page<FoundCustomer>>, ApiError> {
    let cursor = query.cursor.as_ref().map(Text::as_str);
    let limit = paging::limit(query.limit);
    Ok(Json(customers::search(&state.store, &actor, query.query.as_str(), cursor, limit).await?))
}

/// Shows a customer on one screen.
#[utoipa::path(get, path = "/api/customers/{id}/card", tag = "customers", params(("id" = CustomerId, Path)),
    responses((status = 200, body = Card), Refusals))]
async fn get_card(
    Shared(state): Shared<State>,
    ReadingCards(actor): ReadingCards,
    Path(id): Path<CustomerId>,
) -> Result<Json<Card>, ApiError> {
    Ok(Json(customers::card(&state.store, &actor, id).await?))
}

/// Lists what a customer ordered, latest first.
#[utoipa::path(get, path = "/api/customers/{id}/orders", tag = "customers", params(("id" = CustomerId, Path), Paging),
    responses((status = 200, body = Page<OrderSummary>), Refusals))]
async fn list_orders(
    Shared(state): Shared<State>,
    ReadingCards(actor): ReadingCards,
    Path(id): Path<CustomerId>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<OrderSummary>>, ApiError> {
    Ok(Json(orders::orders_of(&state.store, &actor, id, paging.cursor()?, paging.limit()).await?))
}

/// A whole telephone number.
#[derive(Serialize, ToSchema)]
struct RevealedPhone {
    /// E.164, for example +79001230563
    phone: String,
}

/// Shows a whole telephone number.
#[utoipa::path(post, path = "/api/customers/{id}/phones/{phone_id}/reveal", tag = "customers",
    params(("id" = CustomerId, Path), ("phone_id" = IdentityId, Path)),
    responses((status = 200, body = RevealedPhone), Refusals))]
async fn reveal_phone(
    Shared(state): Shared<State>,
    Revealing(actor): Revealing,
    Path((id, phone)): Path<(CustomerId, IdentityId)>,
) -> Result<Json<RevealedPhone>, ApiError> {
    let phone = customers::reveal_phone(&state.store, &actor, id, phone).await?;
    Ok(Json(RevealedPhone { phone: phone.as_e164().to_owned() }))
}
