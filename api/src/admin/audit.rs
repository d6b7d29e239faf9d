//! What was done by whom.

use axum::Json;
use axum::extract::State as Shared;
use pipelines::events::OperatorId;
use pipelines::platform::page::Page;
use pipelines::workforce::audit::{self, Action, Filter, ObjectKind, Record};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::server::body::Query;
use crate::server::bounded::{Count, Text};
use crate::server::errors::Refusals;
use crate::server::signed_in::Auditing;
use crate::server::{ApiError, State, paging};

/// What to look for; what is left out does not matter.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    operator_id: Option<OperatorId>,
    action: Option<Action>,
    /// Only together with `object_id`.
    object_kind: Option<ObjectKind>,
    #[param(inline)]
    object_id: Option<Text<1, 100>>,
    #[param(inline)]
    cursor: Option<Text<1, 200>>,
    #[param(inline)]
    limit: Option<Count<100>>,
}

/// Reads what was done, latest first.
#[utoipa::path(get, path = "/api/admin/audit", tag = "admin", params(AuditQuery),
    responses((status = 200, body = Page<Record>), Refusals))]
pub(super) async fn admin_list_audit(
    Shared(state): Shared<State>,
    Auditing(actor): Auditing,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Page<Record>>, ApiError> {
    let before = paging::cursor(query.cursor.as_ref())?;
    let object = match (query.object_kind, query.object_id) {
        (Some(kind), Some(id)) => Some((kind, id.into_inner())),
        (None, None) => None,
        _ => return Err(ApiError::bad_request("give object_kind and object_id together")),
    };
    let filter = Filter { operator: query.operator_id, action: query.action, object };
    Ok(Json(audit::records(&state.store, &actor, filter, before, paging::limit(query.limit)).await?))
}
