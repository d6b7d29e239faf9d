//! Files of customers: shown or saved, never run.

use std::fmt::Write;

use axum::extract::State as Shared;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue,
};
use bytes::Bytes;
use pipelines::conversations::attachments::{self, File};
use pipelines::events::AttachmentId;

use crate::server::body::Path;
use crate::server::errors::Refusals;
use crate::server::signed_in::Reading;
use crate::server::{ApiError, State};

/// Pictures that every browser draws and none executes; everything else is only saved.
const SHOWN: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

type Headers = [(HeaderName, HeaderValue); 4];

/// Gives the bytes of a file.
#[utoipa::path(get, path = "/api/attachments/{id}", tag = "contacts", params(("id" = AttachmentId, Path)),
    responses((status = 200, body = [u8], content_type = "*/*"), Refusals))]
pub(super) async fn get_attachment(
    Shared(state): Shared<State>,
    Reading(actor): Reading,
    Path(id): Path<AttachmentId>,
) -> Result<(Headers, Bytes), ApiError> {
    let file = attachments::read(&state.store, &actor, id).await?;
    let media_type = HeaderValue::from_str(&file.media_type).map_err(ApiError::internal)?;
    let disposition = HeaderValue::from_str(&disposition(&file)).map_err(ApiError::internal)?;
    let headers = [
        (CONTENT_TYPE, media_type),
        (CONTENT_DISPOSITION, disposition),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'")),
        (CACHE_CONTROL, HeaderValue::from_static("private, max-age=300")),
    ];
    Ok((headers, file.bytes))
}

/// RFC 6266; the name as RFC 8187 writes it, so that it is kept in any script and cannot break the header.
fn disposition(file: &File) -> String {
    let kind = if SHOWN.contains(&file.media_type.as_str()) { "inline" } else { "attachment" };
    let Some(name) = &file.name else { return kind.to_owned() };
    let mut text = format!("{kind}; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, media_type: &str) -> File {
        File { name: Some(name.to_owned()), media_type: media_type.to_owned(), bytes: Bytes::new() }
    }

    #[test]
    fn only_plain_pictures_are_shown() {
        assert_eq!(disposition(&file("a.png", "image/png")), "inline; filename*=UTF-8''a.png");
        for active in ["image/svg+xml", "text/html", "application/pdf", "application/octet-stream"] {
            assert!(disposition(&file("a", active)).starts_with("attachment"), "{active}");
        }
    }

    #[test]
    fn a_name_cannot_break_the_header() {
        let odd = disposition(&file("чек\"; filename=a.exe\r\nSet-Cookie: x", "text/plain"));
        assert!(odd.is_ascii() && !odd.contains(['"', '\r', '\n', ' ']) || odd.matches(' ').count() == 1, "{odd}");
    }
}
