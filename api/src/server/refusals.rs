//! How the errors of the domains are answered.

use pipelines::customers::CustomerError;
use pipelines::platform::store::StoreError;
use pipelines::workforce::{SignInError, WorkforceError};

use super::ApiError;
use super::errors::Code;

/// The database is away or broken: not the caller's fault, and likely to pass.
impl From<StoreError> for ApiError {
    fn from(cause: StoreError) -> Self {
        tracing::error!(%cause, "the database refused");
        if cause.is_passing() { Self::unavailable() } else { Self::internal(cause) }
    }
}

impl From<SignInError> for ApiError {
    fn from(cause: SignInError) -> Self {
        match cause {
            SignInError::Refused => Self::new(Code::Unauthenticated, cause.to_string()),
            SignInError::Store(cause) => cause.into(),
        }
    }
}

impl From<WorkforceError> for ApiError {
    fn from(cause: WorkforceError) -> Self {
        match cause {
            WorkforceError::Store(cause) => cause.into(),
            WorkforceError::Forbidden(_) => Self::forbidden(cause.to_string()),
            WorkforceError::NotFound => Self::not_found(),
            WorkforceError::LoginTaken => Self::conflict(cause.to_string()),
            WorkforceError::Password(_) | WorkforceError::Invalid(_) => Self::bad_request(cause.to_string()),
        }
    }
}

impl From<CustomerError> for ApiError {
    fn from(cause: CustomerError) -> Self {
        match cause {
            CustomerError::Store(cause) => cause.into(),
            CustomerError::Forbidden(_) => Self::forbidden(cause.to_string()),
            CustomerError::NotFound => Self::not_found(),
            CustomerError::Cursor(_) | CustomerError::Invalid(_) => Self::bad_request(cause.to_string()),
        }
    }
}
