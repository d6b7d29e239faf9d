//! A server for one test, and a browser-like client that keeps its cookie.

use std::net::SocketAddr;
use std::path::Path;

use api::inference::Inference;
use api::server::{Settings, State, serve};
use metrics_exporter_prometheus::PrometheusBuilder;
use models::reading::{MenuWords, Precision, Reader, ReadingModel};
use models::sentences::Sentences;
use models::taxonomy::Language;
use pipelines::platform::trial::Trial;
use pipelines::workforce::{Login, NewOperator, Operator, Role, Roles, create_operator};
use reqwest::{Method, Response, StatusCode};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(crate) const PASSWORD: &str = "сорок два верблюда";

pub(crate) struct Server {
    pub(crate) trial: Trial,
    pub(crate) state: State,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(Settings::default()).await
    }

    pub(crate) async fn start_with(settings: Settings) -> Self {
        Self::start_as(settings, None).await
    }

    /// A server that has the models, for this machine or for those who show the token.
    pub(crate) async fn with_models(token: Option<&str>) -> Self {
        let weights = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/weights");
        let reader = Reader::load(&weights.join("reading-2"), MenuWords::default(), 1, Precision::Auto)
            .expect("the model is there");
        let sentences = Sentences::load(&weights.join("sentence-1"), 1, Precision::Auto).expect("the model is there");
        let inference = Inference { reader, sentences, writer: None, token: token.map(SecretString::from) };
        Self::start_as(Settings::default(), Some(inference)).await
    }

    /// A server whose sockets tell what happens.
    pub(crate) async fn with_live_frames() -> Self {
        let server = Self::start().await;
        tell(&server.state);
        server
    }

    /// Another process of the same deployment: what it knows, and its address.
    pub(crate) async fn second(&self) -> (State, String) {
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let state = State {
            stopping: self.state.stopping.clone(),
            ..State::new(self.trial.store.clone(), Settings::default(), metrics)
        };
        let root = format!("http://{}", listen(&state).await);
        tell(&state);
        (state, root)
    }

    async fn start_as(settings: Settings, inference: Option<Inference>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let trial = Trial::start().await;
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let reading = inference.as_ref().map(|inference| ReadingModel::Here(inference.reader.clone()));
        let state = State { inference, reading, ..State::new(trial.store.clone(), settings, metrics) };
        let address = listen(&state).await;
        Self { trial, state, address }
    }

    /// Somebody with these roles; the login is `name`.
    pub(crate) async fn operator(&self, name: &str, roles: &[Role]) -> Operator {
        let new = NewOperator {
            login: Login::parse(name).expect("a test's login fits"),
            name: name.to_owned(),
            password: PASSWORD.into(),
            roles: Roles::new(roles).expect("a test gives a role"),
            languages: vec![Language::Ru, Language::Kk, Language::Uz, Language::En],
            capacity: 3,
        };
        create_operator(&self.trial.store, None, new).await.expect("the operator is new")
    }

    /// A browser in which nobody is signed in.
    pub(crate) fn browser(&self) -> Browser {
        Browser { http: reqwest::Client::new(), root: format!("http://{}", self.address), cookie: None }
    }

    /// A browser in which a new operator with these roles is signed in.
    pub(crate) async fn signed_in(&self, name: &str, roles: &[Role]) -> Browser {
        self.operator(name, roles).await;
        let mut browser = self.browser();
        let answer = browser.sign_in(name, PASSWORD).await;
        assert_eq!(answer.status(), StatusCode::OK);
        browser
    }
}

async fn listen(state: &State) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let address = listener.local_addr().expect("a bound socket has an address");
    tokio::spawn(serve(listener, true, state.clone()));
    address
}

fn tell(state: &State) {
    let (hub, stop) = (state.hub.clone(), state.stopping.clone());
    tokio::spawn(async move { hub.follow(stop).await });
}

impl Drop for Server {
    fn drop(&mut self) {
        self.state.stopping.cancel();
    }
}

#[derive(Clone)]
pub(crate) struct Browser {
    http: reqwest::Client,
    pub(crate) root: String,
    pub(crate) cookie: Option<String>,
}

impl Browser {
    /// As our page would send it: with the cookie and our own origin.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.root)).header("origin", &self.root);
        match &self.cookie {
            Some(cookie) => request.header("cookie", format!("okno={cookie}")),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.expect("the server answers")
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Value) -> Response {
        self.request(method, path).json(&body).send().await.expect("the server answers")
    }

    /// Signs in and keeps the cookie.
    pub(crate) async fn sign_in(&mut self, login: &str, password: &str) -> Response {
        let answer = self.send(Method::POST, "/api/session", json!({"login": login, "password": password})).await;
        if let Some(set) = answer.headers().get("set-cookie") {
            let set = set.to_str().expect("a cookie is ASCII");
            let value = set.strip_prefix("okno=").and_then(|rest| rest.split(';').next());
            self.cookie = Some(value.expect("the session's cookie").to_owned());
        }
        answer
    }
}

/// Checks the one shape of a refusal and gives its code and body; the id in the body is that of the header.
pub(crate) async fn refusal(answer: Response) -> (StatusCode, Value) {
    let status = answer.status();
    let id = answer.headers()["x-request-id"].to_str().expect("an id is ASCII").to_owned();
    let body: Value = answer.json().await.expect("a refusal is JSON");
    assert_eq!(body["request_id"], json!(id));
    assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()));
    assert!(body["code"].is_string());
    (status, body)
}
