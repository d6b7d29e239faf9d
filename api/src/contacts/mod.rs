//! Contacts as operators work on them: lists, the talk, the steps of its life, what is said in it.

mod attachments;
mod explanation;
mod frames;
mod life;
mod list;
mod marks;
mod refusals;
mod summary;
mod talk;
mod verdicts;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::server::State;

pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list::list_contacts))
        .routes(routes!(list::take_next))
        .routes(routes!(list::get_contact))
        .routes(routes!(talk::list_messages, talk::send_message))
        .routes(routes!(explanation::explain_message))
        .routes(routes!(frames::list_frames))
        .routes(routes!(talk::add_note))
        .routes(routes!(talk::retry_message))
        .routes(routes!(life::accept_contact))
        .routes(routes!(life::hold_contact))
        .routes(routes!(life::resume_contact))
        .routes(routes!(life::finish_contact))
        .routes(routes!(life::close_contact))
        .routes(routes!(life::reopen_contact))
        .routes(routes!(life::transfer_contact))
        .routes(routes!(marks::mark_read))
        .routes(routes!(marks::put_draft))
        .routes(routes!(verdicts::give_verdict))
        .routes(routes!(summary::get_summary, summary::ask_summary, summary::edit_summary))
        .routes(routes!(summary::list_summary_versions))
        .routes(routes!(summary::confirm_summary))
        .routes(routes!(attachments::get_attachment))
}
