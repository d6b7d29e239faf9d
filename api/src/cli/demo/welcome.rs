//! What whoever started the demonstration reads: where it is and who they can be.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;

use pipelines::demonstration::{PASSWORD, World};

use super::super::Failure;

pub(super) fn print(address: SocketAddr) -> Result<(), Failure> {
    std::io::stdout().write_all(text(address).as_bytes()).map_err(Failure::Output)
}

fn text(address: SocketAddr) -> String {
    let mut text = format!(
        "\n  Okno is open: http://{address}/\n  A shop with the chat on its page: http://{address}/shop.html\n\n  \
         Sign in as one of these, password {PASSWORD}:\n"
    );
    for plan in World::staff() {
        let roles: Vec<&str> = plan.roles.iter().map(|role| role.as_str()).collect();
        let languages: Vec<&str> = plan.languages.iter().map(|language| language.as_str()).collect();
        // writing to a string cannot fail
        let _ =
            writeln!(text, "    {:<10} {:<20} {:<18} {}", plan.login, plan.name, roles.join(", "), languages.join(" "));
    }
    text.push_str("\n  Stop with Ctrl-C.\n\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_address_and_a_login_of_every_role() {
        let text = text(SocketAddr::from(([127, 0, 0, 1], 8080)));
        for word in ["http://127.0.0.1:8080/", PASSWORD, "operator", "quality", "analyst", "admin"] {
            assert!(text.contains(word), "{word} is missing: {text}");
        }
    }
}
