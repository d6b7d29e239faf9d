//! Channel accounts: where customers reach us. Secrets go in and never come out.

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use models::taxonomy::Language;
use pipelines::conversations::accounts::{self, Account, AccountError, AccountId, AccountSettings, SecretKind};
use pipelines::events::Channel;
use pipelines::orders::Places;
use pipelines::platform::page::Page;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::server::body::Body;
use crate::server::bounded::Text;
use crate::server::errors::Refusals;
use crate::server::signed_in::Administering;
use crate::server::{ApiError, State};

/// A channel account as administrators see it.
#[derive(Serialize, ToSchema)]
pub(super) struct ChannelAccount {
    id: AccountId,
    channel: Channel,
    /// Stands in the addresses under which the channel reaches us.
    slug: String,
    name: String,
    /// The slug of the brand.
    brand: String,
    /// The slug of the city; none: customers of all cities.
    city: Option<String>,
    /// Of its customers, until they are known better.
    language: Language,
    settings: AccountSettings,
    active: bool,
}

/// A new channel account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChannelAccountInput {
    channel: Channel,
    // Small letters, digits, hyphens; stands in the addresses under which the channel reaches us.
    #[schema(inline)]
    slug: Text<1, 63>,
    #[schema(inline)]
    name: Text<1, 100>,
    // The slug of the brand.
    #[schema(inline)]
    brand: Text<1, 63>,
    /// The slug of the city.
    #[schema(inline)]
    city: Option<Text<1, 63>>,
    /// Of its customers, until they are known better; the city's where nothing is said.
    language: Option<Language>,
    settings: Option<AccountSettings>,
    #[schema(max_items = 4)]
    secrets: Option<Vec<Secret>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Secret {
    kind: SecretKind,
    #[schema(inline)]
    value: Text<1, 256>,
}

/// Lists all channel accounts.
#[utoipa::path(get, path = "/api/admin/accounts", tag = "admin",
    responses((status = 200, body = Page<ChannelAccount>), Refusals))]
pub(super) async fn admin_list_accounts(
    Shared(state): Shared<State>,
    Administering(actor): Administering,
) -> Result<Json<Page<ChannelAccount>>, ApiError> {
    let places = Places::load(&state.store).await?;
    let accounts = accounts::list(&state.store, &actor).await?;
    let items = accounts.into_iter().map(|account| ChannelAccount::of(account, &places)).collect();
    Ok(Json(Page { items, next: None }))
}

/// Adds a channel account.
#[utoipa::path(post, path = "/api/admin/accounts", tag = "admin", request_body = ChannelAccountInput,
    responses((status = 201, body = ChannelAccount), Refusals))]
pub(super) async fn admin_create_account(
    Shared(state): Shared<State>,
    Administering(actor): Administering,
    Body(input): Body<ChannelAccountInput>,
) -> Result<(StatusCode, Json<ChannelAccount>), ApiError> {
    let places = Places::load(&state.store).await?;
    let unknown = |what: &str| ApiError::bad_request(format!("this {what} is not known; give its slug"));
    let brand = places.brands.get(input.brand.as_str()).ok_or_else(|| unknown("brand"))?;
    let city = match &input.city {
        Some(slug) => Some(places.cities.get(slug.as_str()).ok_or_else(|| unknown("city"))?),
        None => None,
    };
    let account = Account {
        id: AccountId::new(state.store.clock()),
        channel: input.channel,
        slug: input.slug.into_inner(),
        name: input.name.into_inner(),
        brand_id: brand.id,
        city_id: city.map(|city| city.id),
        language: input.language.or(city.map(|city| city.country.language())).unwrap_or(Language::Ru),
        settings: bounded(input.settings.unwrap_or_default())?,
        active: true,
    };
    let secrets: Vec<(SecretKind, SecretString)> =
        input.secrets.into_iter().flatten().map(|secret| (secret.kind, secret.value.into_inner().into())).collect();
    accounts::create(&state.store, &actor, &account, &secrets).await?;
    Ok((StatusCode::CREATED, Json(ChannelAccount::of(account, &places))))
}

impl ChannelAccount {
    fn of(account: Account, places: &Places) -> Self {
        let brand = places.brands.values().find(|brand| brand.id == account.brand_id);
        let city = places.cities.values().find(|city| Some(city.id) == account.city_id);
        Self {
            id: account.id,
            channel: account.channel,
            slug: account.slug,
            name: account.name,
            brand: brand.map(|brand| brand.slug.clone()).unwrap_or_default(),
            city: city.map(|city| city.slug.clone()),
            language: account.language,
            settings: account.settings,
            active: account.active,
        }
    }
}

fn bounded(settings: AccountSettings) -> Result<AccountSettings, ApiError> {
    let odd = |text: &String| text.len() > 200 || text.chars().any(char::is_control);
    if settings.origins.len() > 20 || settings.origins.iter().any(odd) || settings.api_url.as_ref().is_some_and(odd) {
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
