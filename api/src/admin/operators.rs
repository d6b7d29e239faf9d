//! People with a login.

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use models::taxonomy::Language;
use pipelines::events::OperatorId;
use pipelines::platform::page::Page;
use pipelines::workforce::{self, Login, MOST_CAPACITY, NewOperator, Operator, OperatorChange, Role, Roles};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::server::body::{Body, Path};
use crate::server::bounded::Text;
use crate::server::errors::Refusals;
use crate::server::signed_in::Administering;
use crate::server::{ApiError, State};

/// Somebody who begins to work here.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OperatorInput {
    // Letters a-z, digits, dot, underscore, hyphen.
    #[schema(inline)]
    login: Text<1, 64>,
    #[schema(inline)]
    name: Text<1, 100>,
    #[schema(inline)]
    password: Text<1, 256>,
    #[schema(value_type = Vec<Role>, min_items = 1)]
    roles: Roles,
    #[schema(max_items = 4)]
    languages: Vec<Language>,
    /// Contacts held at once.
    #[schema(maximum = 50)]
    capacity: u16,
}

/// What changes about an operator; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OperatorUpdate {
    #[schema(inline)]
    name: Option<Text<1, 100>>,
    /// A new one ends all sessions of the operator.
    #[schema(inline)]
    password: Option<Text<1, 256>>,
    #[schema(value_type = Option<Vec<Role>>, min_items = 1)]
    roles: Option<Roles>,
    #[schema(max_items = 4)]
    languages: Option<Vec<Language>>,
    #[schema(maximum = 50)]
    capacity: Option<u16>,
    active: Option<bool>,
}

const _: () = assert!(MOST_CAPACITY == 50, "the interface description says 50");

/// Lists all operators, active or not.
#[utoipa::path(get, path = "/api/admin/operators", tag = "admin", responses((status = 200, body = Page<Operator>), Refusals))]
pub(super) async fn admin_list_operators(
    Shared(state): Shared<State>,
    Administering(actor): Administering,
) -> Result<Json<Page<Operator>>, ApiError> {
    Ok(Json(Page { items: workforce::operators(&state.store, &actor).await?, next: None }))
}

/// Adds an operator.
#[utoipa::path(post, path = "/api/admin/operators", tag = "admin", request_body = OperatorInput,
    responses((status = 201, body = Operator), Refusals))]
pub(super) async fn admin_create_operator(
    Shared(state): Shared<State>,
    Administering(actor): Administering,
    Body(input): Body<OperatorInput>,
) -> Result<(StatusCode, Json<Operator>), ApiError> {
    let new = NewOperator {
        login: Login::parse(input.login.as_str()).map_err(|cause| ApiError::bad_request(cause.to_string()))?,
        name: input.name.into_inner(),
        password: SecretString::from(input.password.into_inner()),
        roles: input.roles,
        languages: input.languages,
        capacity: input.capacity,
    };
    let operator = workforce::create_operator(&state.store, Some(&actor), new).await?;
    Ok((StatusCode::CREATED, Json(operator)))
}

/// Changes an operator.
#[utoipa::path(put, path = "/api/admin/operators/{id}", tag = "admin", params(("id" = OperatorId, Path)),
    request_body = OperatorUpdate, responses((status = 200, body = Operator), Refusals))]
pub(super) async fn admin_update_operator(
    Shared(state): Shared<State>,
    Administering(actor): Administering,
    Path(id): Path<OperatorId>,
    Body(input): Body<OperatorUpdate>,
) -> Result<Json<Operator>, ApiError> {
    let change = OperatorChange {
        name: input.name.map(Text::into_inner),
        password: input.password.map(|password| SecretString::from(password.into_inner())),
        roles: input.roles,
        languages: input.languages,
        capacity: input.capacity,
        active: input.active,
    };
    Ok(Json(workforce::change_operator(&state.store, &actor, id, change).await?))
}
