//! What a file is, by its first bytes: the sender's word alone never decides what a browser shows.

use super::MediaType;

/// Beginnings of the files that people send, and what they are. Where a format begins later, its offset stands first.
const SIGNATURES: &[(usize, &[u8], &str)] = &[
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (8, b"WAVE", "audio/wav"),
    (0, b"%PDF-", "application/pdf"),
];

impl MediaType {
    /// The type of a file that the sender says is `claimed`: what its bytes show; else the claim, unless that is a
    /// picture, a sound or a film, which the bytes would have shown.
    pub fn of_bytes(bytes: &[u8], claimed: &Self) -> Self {
        let shows = |(at, signature, _): &&(usize, &[u8], &str)| {
            bytes.get(*at..).is_some_and(|rest| rest.starts_with(signature))
        };
        match SIGNATURES.iter().find(shows) {
            Some((_, _, known)) => Self::new(known),
            None if ["image/", "audio/", "video/"].iter().any(|kind| claimed.as_str().starts_with(kind)) => {
                Self::new("")
            }
            None => claimed.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8], claimed: &str) -> String {
        MediaType::of_bytes(bytes, &MediaType::new(claimed)).as_str().to_owned()
    }

    #[test]
    fn bytes_decide_and_a_claim_alone_shows_nothing() {
        assert_eq!(of(b"\xff\xd8\xff\xe0\0\x10JFIF", ""), "image/jpeg");
        assert_eq!(of(b"RIFF\x24\0\0\0WEBPVP8 ", "application/octet-stream"), "image/webp");
        assert_eq!(of(b"\0\0\0\x20ftypisom\0\0", "text/plain"), "video/mp4");
        assert_eq!(of(b"\x89PNG\r\n\x1a\n\0", "text/html"), "image/png");
        assert_eq!(of(b"<script>alert(1)</script>", "image/png"), "application/octet-stream");
        assert_eq!(of(b"a,b\n1,2\n", "text/csv"), "text/csv");
        assert_eq!(of(b"", "image/jpeg"), "application/octet-stream");
    }
}
