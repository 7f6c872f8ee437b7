//! The sentence for a person: what happened, and what to do about it.

use super::{Error, Fault, Refusal, Scope, Service};

/// A message is stored, sent and drawn: it stays a message.
const MOST_CHARACTERS: usize = 500;

pub(super) fn safe_message(error: &Error) -> String {
    let (start, said, end) = match error {
        Error::Setup(_) => (
            "The HTTP client cannot be set up on this machine: are its root certificates installed?",
            "",
            "",
        ),
        Error::SignIn { refusal, code, .. } => {
            let code = code
                .map(|code| format!("(AADSTS{code})"))
                .unwrap_or_default();
            return fit(sign_in(*refusal), &code, "");
        }
        Error::TokenRefused { .. } => (
            "Microsoft Graph does not accept the token that the login host gave. Check that both addresses belong to the same cloud, and that the directory id is the customer's.",
            "",
            "",
        ),
        Error::Forbidden {
            message,
            permission,
            scope,
            ..
        } => {
            let verdict = match scope {
                Scope::Item => "Microsoft Graph refused to show this policy.",
                Scope::Family | Scope::Tenant => "Microsoft Graph refused to list these policies.",
            };
            // What to do comes first: Graph's own words are long, and a card shows the first lines.
            let start = format!(
                "{verdict} Check that the app has {permission} with admin consent and that its role covers this. Graph says:"
            );
            return fit(&start, or(message, "no reason was given."), "");
        }
        Error::NotFound {
            scope: Scope::Item, ..
        } => (
            "This policy is not in the tenant any more: it was deleted meanwhile.",
            "",
            "",
        ),
        Error::NotFound { .. } => (
            "This family of policies is not available in this tenant's cloud.",
            "",
            "",
        ),
        Error::Conflict { message, .. } => (
            "Somebody changed this policy at the same moment:",
            or(message, "no reason was given."),
            "Try again.",
        ),
        Error::Rejected {
            status,
            graph_code,
            message,
            ..
        } => {
            let start =
                format!("Microsoft Graph rejected the request (status {status} {graph_code}):");
            return fit(&start, or(message, "no reason was given."), "");
        }
        Error::Throttled { .. } => (
            "Microsoft Graph asks for fewer requests from this tenant, for longer than we wait. Nothing was changed; try again later.",
            "",
            "",
        ),
        Error::Unavailable {
            service,
            status,
            message,
            ..
        } => {
            let start = format!(
                "{} had an error of its own (status {status}) in each attempt.",
                name(*service)
            );
            return fit(&start, message, "Try again later.");
        }
        Error::Unreachable {
            service, source, ..
        } if !source.is_connect() => {
            let start = format!("{} broke off its answer in each attempt.", name(*service));
            return fit(
                &start,
                "",
                "Check the network and its proxy, then try again.",
            );
        }
        Error::Unreachable { service, base, .. } => {
            let start = format!("{} cannot be reached at {base}.", name(*service));
            return fit(
                &start,
                "",
                "Check the address, the network and its proxy, then try again.",
            );
        }
        Error::TimedOut { service, .. } => {
            let start = format!(
                "{} did not answer in time, in each attempt.",
                name(*service)
            );
            return fit(&start, "", "Try again later.");
        }
        Error::SettingsIncomplete { got, expected, .. } => {
            return format!(
                "Graph returned {got} of {expected} settings, so nothing was stored. Try again later."
            );
        }
        Error::BadAnswer { fault, .. } => (bad_answer(*fault), "", ""),
    };
    fit(start, said, end)
}

fn sign_in(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::WrongSecret => {
            "Microsoft refused the client secret. Enter the secret's value, not its id, in this tenant's credentials."
        }
        Refusal::SecretExpired => {
            "The client secret has expired. Make a new one in the app registration and enter its value in this tenant's credentials."
        }
        Refusal::AppNotInDirectory => {
            "The app is not known in this directory. Check the client id and the directory id, and that an admin of the directory consented to the app."
        }
        Refusal::NoSuchDirectory => {
            "There is no directory with this id. Check the directory id and that it belongs to this cloud."
        }
        Refusal::WrongCloud => {
            "The login host does not know this Graph. Check that both addresses belong to the same cloud."
        }
        Refusal::Blocked => {
            "A conditional access policy of the directory blocked the app. An admin of the directory has to let this app in."
        }
        Refusal::Loop => {
            "The login host was asked for the same token too often and takes no more for some minutes. Try again later."
        }
        Refusal::Malformed => {
            "The login host did not understand the request for a token. This is a mistake of ours: please report it."
        }
        Refusal::Other => {
            "The login host refused to sign the app in. Check this tenant's credentials."
        }
    }
}

fn bad_answer(fault: Fault) -> &'static str {
    match fault {
        Fault::NotJson => {
            "The answer is not JSON. Is a proxy or a sign-in page between this server and Microsoft Graph?"
        }
        Fault::WrongShape => {
            "The answer does not have the shape that Microsoft Graph documents, so nothing was stored."
        }
        Fault::Redirect => {
            "The answer sends us to another address, which is not followed. Check the addresses of this tenant."
        }
        Fault::ForeignLink => {
            "The list goes on at another host, which is not followed. The token was not sent there."
        }
        Fault::EndlessPages => "The list does not come to an end, so nothing was stored.",
        Fault::TooLarge => "The answer is larger than any policy can be, so nothing was stored.",
    }
}

fn name(service: Service) -> &'static str {
    match service {
        Service::Login => "The login host",
        Service::Graph => "Microsoft Graph",
    }
}

fn or<'a>(said: &'a str, otherwise: &'a str) -> &'a str {
    if said.is_empty() { otherwise } else { said }
}

/// Our own words stay whole; what the other side said is cut.
fn fit(start: &str, said: &str, end: &str) -> String {
    let own = start.chars().count() + end.chars().count() + 2;
    let room = MOST_CHARACTERS.saturating_sub(own);
    let mut shown: String = said.chars().take(room).collect();
    if said.chars().count() > room {
        shown.pop();
        shown.push('…');
    }
    let whole = [start, shown.as_str(), end]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    whole.chars().take(MOST_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_of_the_other_side_is_cut_and_ours_stays() {
        let message = fit("Refused:", &"é".repeat(2_000), "Check the role.");
        assert_eq!(message.chars().count(), MOST_CHARACTERS);
        assert!(message.ends_with("… Check the role."));
    }
}
