//! What administrators keep in order.

mod accounts;
mod audit;
mod operators;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::server::State;

pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(operators::admin_list_operators, operators::admin_create_operator))
        .routes(routes!(operators::admin_update_operator))
        .routes(routes!(accounts::admin_list_accounts, accounts::admin_create_account))
        .routes(routes!(audit::admin_list_audit))
}
