//! Ready texts for replies, and their upkeep.

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use pipelines::conversations::templates::{self, Rendered, Template, TemplateError, TemplateId, TemplateInput, Values};
use pipelines::events::ContactId;
use pipelines::platform::page::Page;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::server::body::{Body, Path};
use crate::server::errors::{Code, Refusals};
use crate::server::signed_in::{Administering, Judging};
use crate::server::{ApiError, State};

/// Values that one request may fill in; a template has far fewer.
const MOST_VALUES: usize = 32;
/// Longest value, in characters.
const LONGEST_VALUE: usize = 500;

pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_templates))
        .routes(routes!(render_template))
        .routes(routes!(admin_list_templates, admin_create_template))
        .routes(routes!(admin_update_template, admin_delete_template))
}

/// Lists the texts in use.
#[utoipa::path(get, path = "/api/templates", tag = "templates", responses((status = 200, body = Page<Template>), Refusals))]
async fn list_templates(
    Shared(state): Shared<State>,
    Judging(actor): Judging,
) -> Result<Json<Page<Template>>, ApiError> {
    Ok(Json(Page { items: templates::templates(&state.store, &actor).await?, next: None }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RenderRequest {
    contact_id: ContactId,
    /// What the operator filled in where the customer's data has nothing.
    #[serde(default)]
    #[schema(value_type = HashMap<String, String>)]
    values: Values,
}

/// Fills a text for a contact; what is missing is asked for.
#[utoipa::path(post, path = "/api/templates/{id}/render", tag = "templates", params(("id" = TemplateId, Path)),
    request_body = RenderRequest, responses((status = 200, body = Rendered), Refusals))]
async fn render_template(
    Shared(state): Shared<State>,
    Judging(actor): Judging,
    Path(id): Path<TemplateId>,
    Body(request): Body<RenderRequest>,
) -> Result<Json<Rendered>, ApiError> {
    let fits = request.values.len() <= MOST_VALUES
        && request.values.values().all(|value| value.chars().count() <= LONGEST_VALUE && !value.contains('\0'));
    if !fits {
        return Err(ApiError::bad_request("too many values, or one that is too long"));
    }
    Ok(Json(templates::render(&state.store, &actor, id, request.contact_id, &request.values).await?))
}

/// Lists the texts for their upkeep.
#[utoipa::path(get, path = "/api/admin/templates", tag = "admin", responses((status = 200, body = Page<Template>), Refusals))]
async fn admin_list_templates(
    Shared(state): Shared<State>,
    Administering(actor): Administering,
) -> Result<Json<Page<Template>>, ApiError> {
    Ok(Json(Page { items: templates::templates(&state.store, &actor).await?, next: None }))
}

/// Adds a text.
#[utoipa::path(post, path = "/api/admin/templates", tag = "admin", request_body = TemplateInput,
    responses((status = 201, body = Template), Refusals))]
async fn admin_create_template(
    Shared(state): Shared<State>,
    Administering(actor): Administering,
    Body(input): Body<TemplateInput>,
) -> Result<(StatusCode, Json<Template>), ApiError> {
    Ok((StatusCode::CREATED, Json(templates::create_template(&state.store, Some(&actor), input).await?)))
}

/// Replaces a text.
#[utoipa::path(put, path = "/api/admin/templates/{id}", tag = "admin", params(("id" = TemplateId, Path)),
    request_body = TemplateInput, responses((status = 200, body = Template), Refusals))]
async fn admin_update_template(
    Shared(state): Shared<State>,
    Administering(actor): Administering,
    Path(id): Path<TemplateId>,
    Body(input): Body<TemplateInput>,
) -> Result<Json<Template>, ApiError> {
    Ok(Json(templates::change_template(&state.store, &actor, id, input).await?))
}

/// Takes a text out of use; what was sent with it stays.
#[utoipa::path(delete, path = "/api/admin/templates/{id}", tag = "admin", params(("id" = TemplateId, Path)),
    responses((status = 204), Refusals))]
async fn admin_delete_template(
    Shared(state): Shared<State>,
    Administering(actor): Administering,
    Path(id): Path<TemplateId>,
) -> Result<StatusCode, ApiError> {
    templates::remove_template(&state.store, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<TemplateError> for ApiError {
    fn from(cause: TemplateError) -> Self {
        match cause {
            TemplateError::Store(cause) => cause.into(),
            TemplateError::Forbidden(cause) => Self::forbidden(cause.to_string()),
            TemplateError::NotFound => Self::not_found(),
            TemplateError::ShortcutTaken => Self::new(Code::Conflict, cause.to_string()),
            TemplateError::Body(_) | TemplateError::Invalid(_) => Self::bad_request(cause.to_string()),
        }
    }
}
