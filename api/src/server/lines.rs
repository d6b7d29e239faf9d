//! NDJSON: bodies that are read line by line, as they come.

use axum::body::BodyDataStream;
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt, stream};

use super::ApiError;

/// Cuts the body at line ends. Of a line over the limit nothing is kept; it is an error, and reading goes on behind it.
pub(crate) fn lines(body: BodyDataStream, longest: usize) -> impl Stream<Item = Result<Bytes, ApiError>> {
    struct Reading {
        body: BodyDataStream,
        held: BytesMut,
        /// So much of it holds no line end.
        searched: usize,
        /// The line that is being read was too long already.
        skipping: bool,
        over: bool,
    }
    let reading = Reading { body, held: BytesMut::new(), searched: 0, skipping: false, over: false };
    stream::unfold(reading, move |mut reading| async move {
        loop {
            let fresh = &reading.held[reading.searched..];
            if let Some(end) = fresh.iter().position(|byte| *byte == b'\n').map(|at| reading.searched + at) {
                reading.searched = 0;
                let mut line = reading.held.split_to(end + 1);
                line.truncate(end);
                let fits = !std::mem::take(&mut reading.skipping) && line.len() <= longest;
                return Some((fits.then(|| line.freeze()).ok_or_else(ApiError::too_large), reading));
            }
            reading.searched = reading.held.len();
            if reading.skipping || reading.held.len() > longest {
                reading.searched = 0;
                reading.skipping = true;
                reading.held.clear();
            }
            if reading.over {
                reading.searched = 0;
                let rest = reading.held.split().freeze();
                return match std::mem::take(&mut reading.skipping) {
                    true => Some((Err(ApiError::too_large()), reading)),
                    false => (!rest.is_empty()).then_some((Ok(rest), reading)),
                };
            }
            match reading.body.next().await {
                Some(Ok(chunk)) => reading.held.extend_from_slice(&chunk),
                Some(Err(_)) | None => reading.over = true,
            }
        }
    })
    // the compression of answers asks once more after the end
    .fuse()
}
