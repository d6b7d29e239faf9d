//! A running server with one account a channel, and an operator at its own interface.

use std::sync::Arc;
use std::time::Duration;

use api::channels::telegram::{Deliver, Fetch, bot};
use api::server::roles::{self, Role as Part};
use api::server::{Settings, State};
use metrics_exporter_prometheus::PrometheusBuilder;
use models::taxonomy::Language;
use pipelines::conversations::accounts::{SecretKind, provide};
use pipelines::conversations::{Account, AccountId, AccountSettings};
use pipelines::customers::Country;
use pipelines::events::Channel;
use pipelines::orders::{Brand, BrandId, put_brands, put_countries};
use pipelines::platform::broker::{Broker, Embedded};
use pipelines::platform::clock::Clock;
use pipelines::platform::relay::Relay;
use pipelines::platform::stage::Routes;
use pipelines::platform::trial::Trial;
use pipelines::platform::worker;
use pipelines::workforce::{Login, NewOperator, Role, Roles, create_operator};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::sync::CancellationToken;

pub(crate) const HOOK_SECRET: &str = "hook-secret";
pub(crate) const TOKEN: &str = "42:bot-token";
pub(crate) const SIGNING_KEY: &str = "the app's signing key";
pub(crate) const SOURCE_TOKEN: &str = "source-token";
const PASSWORD: &str = "сорок два верблюда";

pub(crate) struct World {
    pub(crate) state: State,
    pub(crate) http: Client,
    pub(crate) root: String,
    brand: BrandId,
    _trial: Trial,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_at(Clock::system()).await
    }

    pub(crate) async fn start_at(clock: Clock) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let trial = Trial::start_at(clock).await;
        let brand = BrandId::new(trial.store.clock());
        let mut change = trial.store.begin().await.unwrap();
        put_countries(&mut change, &[Country::Russia]).await.unwrap();
        put_brands(&mut change, &[Brand { id: brand, slug: "okno".into(), name: "Окно".into() }]).await.unwrap();
        change.commit().await.unwrap();
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let state = State::new(trial.store.clone(), Settings::default(), metrics);
        let root = serve(state.clone()).await;
        Self { state, http: Client::new(), root, brand, _trial: trial }
    }

    /// Another process of the same deployment.
    pub(crate) async fn second(&self) -> (State, String) {
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let state = State::new(self.state.store.clone(), Settings::default(), metrics);
        let root = serve(state.clone()).await;
        (state, root)
    }

    /// The account `slug` of a channel with all kinds of secrets.
    pub(crate) async fn account(&self, channel: Channel, slug: &str, settings: AccountSettings) -> Account {
        let account = Account {
            id: AccountId::new(self.state.store.clock()),
            channel,
            slug: slug.to_owned(),
            name: slug.to_owned(),
            brand_id: self.brand,
            city_id: None,
            language: Language::Ru,
            settings,
            active: true,
        };
        let secrets = vec![
            (SecretKind::Webhook, HOOK_SECRET.into()),
            (SecretKind::BotToken, TOKEN.into()),
            (SecretKind::AppKey, SIGNING_KEY.into()),
            (SecretKind::Source, SOURCE_TOKEN.into()),
        ];
        provide(&self.state.store, &[(account.clone(), secrets)]).await.unwrap();
        account
    }

    pub(crate) async fn bot(&self, api_url: &str) -> Account {
        let settings = AccountSettings { api_url: Some(api_url.to_owned()), ..AccountSettings::default() };
        self.account(Channel::Telegram, "bot", settings).await
    }

    /// Sends what Telegram would send, and gives the status.
    pub(crate) async fn hook(&self, update: &Value) -> StatusCode {
        let request = self.http.post(format!("{}/channels/telegram/bot", self.root));
        request.header("x-telegram-bot-api-secret-token", HOOK_SECRET).json(update).send().await.unwrap().status()
    }

    /// The stages that talk to Telegram, until the token is cancelled.
    pub(crate) fn work(&self) -> CancellationToken {
        let (store, stop) = (self.state.store.clone(), CancellationToken::new());
        let broker = Broker::Embedded(Embedded::new(store.clone()));
        let http = bot::http().unwrap();
        let routes = Routes::default().to::<Deliver>().to::<Fetch>();
        tokio::spawn(Relay::new(store.clone(), broker.clone(), routes).run(stop.clone()));
        let deliver = Arc::new(Deliver::new(store.clone(), http.clone()));
        tokio::spawn(worker::run(deliver, broker.clone(), store.clock().clone(), 8, stop.clone()));
        let fetch = Arc::new(Fetch::new(store.clone(), http));
        tokio::spawn(worker::run(fetch, broker, store.clock().clone(), 4, stop.clone()));
        stop
    }

    /// Somebody of every role who is signed in and ready.
    pub(crate) async fn desk(&self) -> Desk {
        let new = NewOperator {
            login: Login::parse("anna").unwrap(),
            name: "Анна Каримова".to_owned(),
            password: PASSWORD.into(),
            roles: Roles::new(&[Role::Operator, Role::Quality, Role::Admin]).unwrap(),
            languages: Language::ALL.to_vec(),
            capacity: 20,
        };
        create_operator(&self.state.store, None, new).await.unwrap();
        let desk = self.sign_in("anna").await;
        desk.put("/api/me/presence", json!({"state": "ready"})).await;
        desk
    }

    pub(crate) async fn sign_in(&self, login: &str) -> Desk {
        let mut desk = Desk { http: self.http.clone(), root: self.root.clone(), cookie: String::new() };
        let signing_in = desk.request(Method::POST, "/api/session");
        let answer = signing_in.json(&json!({"login": login, "password": PASSWORD})).send().await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        desk.cookie = cookie.split(';').next().unwrap().to_owned();
        desk
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.state.stopping.cancel();
    }
}

async fn serve(state: State) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { roles::run(&[Part::Api], listener, state, None).await });
    root
}

/// An operator's browser.
#[derive(Clone)]
pub(crate) struct Desk {
    http: Client,
    root: String,
    cookie: String,
}

impl Desk {
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.root)).header("cookie", &self.cookie)
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.request(Method::GET, path).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.request(Method::POST, path).json(&body).send().await.unwrap().json().await.unwrap_or_default()
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Value {
        self.request(Method::PUT, path).json(&body).send().await.unwrap().json().await.unwrap_or_default()
    }

    /// The operator's live line.
    pub(crate) async fn line(&self) -> WebSocketStream<MaybeTlsStream<TcpStream>> {
        let mut request = format!("{}/api/live", self.root.replace("http", "ws")).into_client_request().unwrap();
        request.headers_mut().insert("cookie", self.cookie.parse().unwrap());
        request.headers_mut().insert("origin", self.root.parse().unwrap());
        connect_async(request).await.unwrap().0
    }

    /// Everything that waits in the queue.
    pub(crate) async fn queue(&self) -> Vec<Value> {
        self.get("/api/contacts?scope=queue&limit=100").await["items"].as_array().unwrap().clone()
    }

    /// Takes the next contact, whole.
    pub(crate) async fn take(&self) -> Value {
        let contact = self.post("/api/contacts/next", json!({})).await;
        assert!(contact["id"].is_string(), "somebody waits: {contact}");
        contact
    }

    pub(crate) async fn contact(&self, id: &Value) -> Value {
        self.get(&format!("/api/contacts/{}", id.as_str().unwrap())).await
    }

    pub(crate) async fn messages(&self, contact: &Value) -> Vec<Value> {
        self.contact(contact).await["messages"].as_array().unwrap().clone()
    }

    /// Replies; gives the message.
    pub(crate) async fn reply(&self, contact: &Value, text: &str) -> Value {
        let path = format!("/api/contacts/{}/messages", contact.as_str().unwrap());
        let message = self.post(&path, json!({"text": text, "seen_seq": 1_000_000})).await;
        assert!(message["id"].is_string(), "it is sent: {message}");
        message
    }

    /// The contact's messages once they are as wanted.
    pub(crate) async fn messages_when(&self, contact: &Value, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        eventually(async || {
            let messages = self.messages(contact).await;
            wanted(&messages).then_some(messages)
        })
        .await
    }
}

/// What `look` finds, as soon as it finds something.
pub(crate) async fn eventually<T>(look: impl AsyncFn() -> Option<T>) -> T {
    for _ in 0..1_500 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it did not come about")
}

/// A text in a private chat, as the Bot API writes it.
pub(crate) fn said(update_id: i64, chat: i64, message_id: i64, text: &str) -> Value {
    said_with(update_id, chat, message_id, json!({"text": text}))
}

/// A message in a private chat with these fields besides.
pub(crate) fn said_with(update_id: i64, chat: i64, message_id: i64, fields: Value) -> Value {
    let mut message = json!({
        "message_id": message_id,
        "from": {"id": chat, "is_bot": false, "first_name": "Вера", "language_code": "ru"},
        "chat": {"id": chat, "type": "private", "first_name": "Вера"},
        "date": 1_795_598_400,
    });
    let fields = fields.as_object().unwrap().clone();
    message.as_object_mut().unwrap().extend(fields);
    json!({"update_id": update_id, "message": message})
}
