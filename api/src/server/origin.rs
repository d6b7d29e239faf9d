//! Who sent a request: our own page, or another one in the same browser.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;

use super::ApiError;

/// Refuses writes that another site's page makes with our cookie.
pub(super) async fn same_origin_writes(request: Request, next: Next) -> Result<Response, ApiError> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !reads {
        same_origin(request.headers())?;
    }
    Ok(next.run(request).await)
}

/// Browsers name the page in `Origin` on every write and every WebSocket, and newer ones its relation to us in
/// `Sec-Fetch-Site` (Fetch Metadata). A client that sends neither is no browser and carries no stolen cookie.
pub fn same_origin(headers: &HeaderMap) -> Result<(), ApiError> {
    let refused = || ApiError::forbidden("this request comes from another site; open Okno's own page");
    if let Some(origin) = headers.get(header::ORIGIN) {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).ok_or_else(refused)?;
        let origin = origin.to_str().map_err(|_| refused())?;
        let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        return if authority.is_some_and(|it| it.eq_ignore_ascii_case(host)) { Ok(()) } else { Err(refused()) };
    }
    match headers.get("sec-fetch-site").map(|site| site.as_bytes()) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err(refused()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(headers: &[(&'static str, &'static str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        same_origin(&map).is_ok()
    }

    #[test]
    fn only_our_own_page_and_programs_may_write() {
        assert!(verdict(&[("host", "okno.example")]));
        assert!(verdict(&[("host", "okno.example"), ("origin", "https://okno.example")]));
        assert!(verdict(&[("host", "127.0.0.1:8080"), ("origin", "http://127.0.0.1:8080")]));
        assert!(!verdict(&[("host", "127.0.0.1:8080"), ("origin", "http://127.0.0.1:8081")]));
        assert!(!verdict(&[("host", "okno.example"), ("origin", "https://okno.example.evil.test")]));
        assert!(!verdict(&[("host", "okno.example"), ("origin", "null")]));
        assert!(!verdict(&[("origin", "https://okno.example")]));
        assert!(!verdict(&[("host", "okno.example"), ("sec-fetch-site", "cross-site")]));
        assert!(!verdict(&[("host", "okno.example"), ("sec-fetch-site", "same-site")]));
        assert!(verdict(&[("host", "okno.example"), ("sec-fetch-site", "same-origin")]));
    }
}
