//! The built page, as files: hashed assets are kept for ever by the browser, the entry page is asked for each time.

use std::convert::Infallible;
use std::path::Path;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use tower::{ServiceExt, service_fn};
use tower_http::services::{ServeDir, ServeFile};

use crate::server::{ApiError, Settings};

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_FIRST: HeaderValue = HeaderValue::from_static("no-cache");

const NOT_BUILT: &str = "<!doctype html><meta charset=utf-8><title>Okno</title>\
    <h1>The page is not built</h1>\
    <p>Run <code>npm ci &amp;&amp; npm run build</code> in <code>operator-web</code>, or point OKNO_WEB at its <code>dist</code> folder, \
    and start Okno again.</p>";

/// Answers every address that is not the interface's: a file, or the entry page, which finds its own way.
pub fn service(
    settings: &Settings,
) -> impl tower::Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static
{
    let folder = settings.web.clone();
    service_fn(move |request: Request| {
        let folder = folder.clone();
        async move {
            Ok(match folder {
                Some(folder) => page(&folder, request).await,
                None => (StatusCode::SERVICE_UNAVAILABLE, [(header::CACHE_CONTROL, ASK_FIRST)], Html(NOT_BUILT))
                    .into_response(),
            })
        }
    })
}

async fn page(folder: &Path, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ApiError::not_found().into_response();
    }
    let asset = request.uri().path().starts_with("/assets/");
    let entry = ServeFile::new(folder.join("index.html")).precompressed_gzip();
    let files = ServeDir::new(folder).precompressed_gzip();
    // the address under which shops embed the chat window
    let widget = request.uri().path() == "/channels/site/widget.js";
    let served = if widget {
        ServeFile::new(folder.join("widget.js")).precompressed_gzip().oneshot(request).await
    } else if asset {
        files.oneshot(request).await
    } else {
        files.fallback(entry).oneshot(request).await
    };
    let mut answer = match served {
        Ok(answer) => answer.map(Body::new),
        Err(never) => match never {},
    };
    if answer.status() == StatusCode::NOT_FOUND {
        return ApiError::not_found().into_response();
    }
    let caching = if asset { FOREVER } else { ASK_FIRST };
    answer.headers_mut().insert(header::CACHE_CONTROL, caching);
    if widget {
        answer.headers_mut().insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    }
    answer
}
