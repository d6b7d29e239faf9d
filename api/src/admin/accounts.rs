//! Channel accounts: where customers reach us. Secrets go in and never come out.

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use models::taxonomy::Language;
use pipelines::conversations::accounts::{self, Account, AccountError, AccountId, AccountSettings, SecretKind};
use pipelines::events::Channel;
use pipelines::orders::{BrandId, CityId};
use pipelines::platform::page::Page;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::server::body::Body;
use crate::server::bounded::Text;
use crate::server::errors::Refusals;
use crate::server::signed_in::Administering;
use crate::server::{ApiError, State};

/// A new channel account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountInput {
    channel: Channel,
    /// Small letters, digits, hyphens; stands in the addresses under which the channel reaches us.
    #[schema(inline)]
    slug: Text<1, 63>,
    #[schema(inline)]
    name: Text<1, 100>,
    brand_id: BrandId,
    city_id: Option<CityId>,
    language: Language,
    #[serde(default)]
    settings: AccountSettings,
    #[serde(default)]
    #[schema(max_items = 4)]
    secrets: Vec<Secret>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Secret {
    kind: SecretKind,
    #[schema(inline)]
    value: Text<1, 256>,
}

/// Lists all channel accounts.
#[utoipa::path(get, path = "/api/admin/accounts", tag = "admin", responses((status = 200, body = Page<Account>), Refusals))]
pub(super) async fn admin_list_accounts(
    Shared(state): Shared<State>,
    Administering(actor): Administering,
) -> Result<Json<Page<Account>>, ApiError> {
    Ok(Json(Page { items: accounts::list(&state.store, &actor).await?, next: None }))
}

/// Adds a channel account.
#[utoipa::path(post, path = "/api/admin/accounts", tag = "admin", request_body = AccountInput,
    responses((status = 201, body = Account), Refusals))]
pub(super) async fn admin_create_account(
    Shared(state): Shared<State>,
    Administering(actor): Administering,
    Body(input): Body<AccountInput>,
) -> Result<(StatusCode, Json<Account>), ApiError> {
    let account = Account {
        id: AccountId::new(state.store.clock()),
        channel: input.channel,
        slug: input.slug.into_inner(),
        name: input.name.into_inner(),
        brand_id: input.brand_id,
        city_id: input.city_id,
        language: input.language,
        settings: bounded(input.settings)?,
        active: true,
    };
    let secrets: Vec<(SecretKind, SecretString)> =
        input.secrets.into_iter().map(|secret| (secret.kind, secret.value.into_inner().into())).collect();
    accounts::create(&state.store, &actor, &account, &secrets).await?;
    Ok((StatusCode::CREATED, Json(account)))
}

fn bounded(settings: AccountSettings) -> Result<AccountSettings, ApiError> {
    let long = |text: &String| text.len() > 200;
    if settings.origins.len() > 20 || settings.origins.iter().any(long) || settings.api_url.as_ref().is_some_and(long) {
        return Err(ApiError::bad_request("settings: at most 20 origins, each address at most 200 characters"));
    }
    Ok(AccountSettings { v: 1, ..settings })
}

impl From<AccountError> for ApiError {
    fn from(cause: AccountError) -> Self {
        match cause {
            AccountError::Store(cause) => cause.into(),
            AccountError::Forbidden(_) => Self::forbidden(cause.to_string()),
            AccountError::SlugTaken => Self::conflict(cause.to_string()),
            AccountError::Invalid => Self::bad_request(cause.to_string()),
        }
    }
}
