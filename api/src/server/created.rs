//! What was made by a write that shows nothing else.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The id of what was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct Created {
    pub id: Uuid,
}
