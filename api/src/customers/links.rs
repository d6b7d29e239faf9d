//! Two customers are one person: said, and taken back.

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use pipelines::customers::{self, LinkId};
use pipelines::events::CustomerId;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::server::body::{Body, Path};
use crate::server::bounded::Text;
use crate::server::created::Created;
use crate::server::errors::Refusals;
use crate::server::signed_in::ChangingCustomers;
use crate::server::{ApiError, State};

/// The other customer who is the same person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewLink {
    other_customer_id: CustomerId,
    // How one knows.
    #[schema(inline)]
    reason: Text<1, 200>,
}

/// Says that two customers are one person.
#[utoipa::path(post, path = "/api/customers/{id}/links", tag = "customers", params(("id" = CustomerId, Path)),
    request_body = NewLink, responses((status = 201, body = Created), Refusals))]
pub(super) async fn link_customers(
    Shared(state): Shared<State>,
    ChangingCustomers(actor): ChangingCustomers,
    Path(id): Path<CustomerId>,
    Body(link): Body<NewLink>,
) -> Result<(StatusCode, Json<Created>), ApiError> {
    let made = customers::link(&state.store, &actor, id, link.other_customer_id, link.reason.as_str()).await?;
    Ok((StatusCode::CREATED, Json(Created { id: made.0 })))
}

/// Takes it back.
#[utoipa::path(delete, path = "/api/customers/{id}/links/{link_id}", tag = "customers",
    params(("id" = CustomerId, Path), ("link_id" = LinkId, Path)), responses((status = 204), Refusals))]
pub(super) async fn unlink_customers(
    Shared(state): Shared<State>,
    ChangingCustomers(actor): ChangingCustomers,
    Path((id, link)): Path<(CustomerId, LinkId)>,
) -> Result<StatusCode, ApiError> {
    customers::end_link(&state.store, &actor, id, link).await?;
    Ok(StatusCode::NO_CONTENT)
}
