//! How the errors of conversations are answered.

use pipelines::conversations::LifeError;
use pipelines::conversations::desk::DeskError;
use pipelines::conversations::reply::ReplyError;
use pipelines::conversations::view::ViewError;
use pipelines::insights::VerdictError;
use pipelines::summaries::SummaryError;

use crate::server::ApiError;
use crate::server::errors::Code;

impl From<ViewError> for ApiError {
    fn from(cause: ViewError) -> Self {
        match cause {
            ViewError::Store(cause) => cause.into(),
            ViewError::NotFound => Self::not_found(),
        }
    }
}

impl From<DeskError> for ApiError {
    fn from(cause: DeskError) -> Self {
        match cause {
            DeskError::Store(cause) => cause.into(),
            DeskError::Forbidden(cause) => Self::forbidden(cause.to_string()),
        }
    }
}

impl From<LifeError> for ApiError {
    fn from(cause: LifeError) -> Self {
        match cause {
            LifeError::Store(cause) => cause.into(),
            LifeError::NotFound => Self::not_found(),
            LifeError::Forbidden(_) | LifeError::NotYours => Self::forbidden(cause.to_string()),
            LifeError::NotNow { .. } | LifeError::Full | LifeError::ColleagueBusy => Self::conflict(cause.to_string()),
            LifeError::OtherOpen(other) => Self::conflict(cause.to_string()).with("contact_id", other),
        }
    }
}

impl From<ReplyError> for ApiError {
    fn from(cause: ReplyError) -> Self {
        match cause {
            ReplyError::Store(cause) => cause.into(),
            ReplyError::NotFound => Self::not_found(),
            ReplyError::Forbidden(_) | ReplyError::NotYours => Self::forbidden(cause.to_string()),
            ReplyError::NotNow(_) | ReplyError::ByVoice | ReplyError::NotFailed => Self::conflict(cause.to_string()),
            ReplyError::Stale(ref newer) => Self::new(Code::StaleDraft, cause.to_string()).with("newer", newer),
        }
    }
}

impl From<VerdictError> for ApiError {
    fn from(cause: VerdictError) -> Self {
        match cause {
            VerdictError::Store(cause) => cause.into(),
            VerdictError::NotFound => Self::not_found(),
            VerdictError::Forbidden(cause) => Self::forbidden(cause.to_string()),
        }
    }
}

impl From<SummaryError> for ApiError {
    fn from(cause: SummaryError) -> Self {
        match cause {
            SummaryError::Store(cause) => cause.into(),
            SummaryError::NotFound => Self::not_found(),
            SummaryError::Forbidden(_) | SummaryError::NotYours => Self::forbidden(cause.to_string()),
            SummaryError::Stale => Self::conflict(cause.to_string()),
        }
    }
}
