//! People and their one-time links: the first account, an invitation, a new password.

use contract::api::Role;
use contract::ids::{PersonId, TenantId};
use contract::run::PersonRef;
use contract::timestamp::Timestamp;
use rusqlite::{Connection, Row};

use super::audit::{Fact, note};
use super::statement::Statements;
use super::writer::Write;
use super::{members, sessions, tenants};
use crate::error::{Error, Result};
use crate::people::{Credentials, LinkPurpose, TokenHash};

const HAS_PEOPLE: &str = "SELECT EXISTS (SELECT 1 FROM people WHERE password_hash IS NOT NULL)";
const BY_NAME: &str = "SELECT id, name, password_hash FROM people WHERE name_key = ?1";
const BY_ID: &str = "SELECT id, name, password_hash FROM people WHERE id = ?1";
const ADD_PERSON: &str = "INSERT INTO people (name, name_key, created_at) VALUES (?1, ?2, ?3) RETURNING id, name, password_hash";
const SET_PASSWORD: &str = "UPDATE people SET password_hash = ?2 WHERE id = ?1";
const LINK: &str = "SELECT person_id FROM links WHERE token = ?1 AND expires_at > ?2";
const REMOVE_LINK: &str = "DELETE FROM links WHERE person_id IS ?1";
const ADD_LINK: &str = "INSERT INTO links (token, person_id, expires_at) VALUES (?1, ?2, ?3)";

/// Whether anybody can sign in. An invitation alone is no account.
pub(super) fn has_people(connection: &Connection) -> Result<bool> {
    let has = connection.one(HAS_PEOPLE, [], |row| row.get(0))?;
    Ok(has.unwrap_or(false))
}

/// Makes the link for the first account, in place of an earlier one.
pub(super) fn put_first(write: &Write<'_>, token: TokenHash, expires_at: Timestamp) -> Result<()> {
    replace_link(write, None, token, expires_at)
}

/// Adds a person where there is none of that name, gives them a role and replaces their link.
pub(super) fn invite(
    write: &mut Write<'_>,
    name: &str,
    (tenant_id, role): (TenantId, Role),
    token: TokenHash,
    expires_at: Timestamp,
) -> Result<PersonRef> {
    tenants::one(write.connection, tenant_id)?;
    let person = match by_name(write.connection, name)? {
        Some(known) => known.person,
        None => add_person(write, name)?,
    };
    members::add(write, person.id, tenant_id, role)?;
    replace_link(write, Some(person.id), token, expires_at)?;
    note_link(write, "link.invited", person.id)?;
    Ok(person)
}

/// Replaces a person's link.
pub(super) fn reset(
    write: &Write<'_>,
    name: &str,
    token: TokenHash,
    expires_at: Timestamp,
) -> Result<Option<PersonRef>> {
    let Some(known) = by_name(write.connection, name)? else {
        return Ok(None);
    };
    replace_link(write, Some(known.person.id), token, expires_at)?;
    note_link(write, "link.reset", known.person.id)?;
    Ok(Some(known.person))
}

/// What a link is for.
pub(super) fn purpose(
    connection: &Connection,
    now: Timestamp,
    token: TokenHash,
) -> Result<LinkPurpose> {
    let person: Option<i64> = connection
        .one(LINK, (token, now.0), |row| row.get(0))?
        .ok_or(Error::LinkUsed)?;
    match person {
        Some(id) => {
            let known = connection.one(BY_ID, [id], credentials)?;
            Ok(LinkPurpose::Password(known.ok_or(Error::LinkUsed)?.person))
        }
        None if has_people(connection)? => Err(Error::LinkUsed),
        None => Ok(LinkPurpose::FirstAccount),
    }
}

/// Uses a link up: sets the password, ends the person's sessions.
pub(super) fn spend(
    write: &mut Write<'_>,
    token: TokenHash,
    name: &str,
    password_hash: &str,
) -> Result<PersonRef> {
    let person = match purpose(write.connection, write.now, token)? {
        LinkPurpose::Password(person) => {
            write.connection.change(REMOVE_LINK, [Some(person.id.0)])?;
            person
        }
        LinkPurpose::FirstAccount => {
            let person = add_person(write, name)?;
            members::add_to_all(write, person.id, Role::Admin)?;
            write.connection.change(REMOVE_LINK, [None::<i64>])?;
            person
        }
    };
    write
        .connection
        .change(SET_PASSWORD, (person.id.0, password_hash))?;
    note_link(write, "password.set", person.id)?;
    sessions::end_all(write, person.id)?;
    Ok(person)
}

/// A person by name; capitals and spaces around it do not count.
pub(super) fn by_name(connection: &Connection, name: &str) -> Result<Option<Credentials>> {
    connection.one(BY_NAME, [name_key(name)], credentials)
}

fn add_person(write: &Write<'_>, name: &str) -> Result<PersonRef> {
    if by_name(write.connection, name)?.is_some() {
        return Err(Error::NameTaken);
    }
    let params = (name.trim(), name_key(name), write.now.0);
    let added = write.connection.one(ADD_PERSON, params, credentials)?;
    let added = added.ok_or_else(|| Error::Unavailable("the new row was not returned".into()))?;
    Ok(added.person)
}

fn replace_link(
    write: &Write<'_>,
    person: Option<PersonId>,
    token: TokenHash,
    expires_at: Timestamp,
) -> Result<()> {
    let person = person.map(|id| id.0);
    write.connection.change(REMOVE_LINK, [person])?;
    write
        .connection
        .change(ADD_LINK, (token, person, expires_at.0))?;
    Ok(())
}

fn note_link(write: &Write<'_>, what: &'static str, person: PersonId) -> Result<()> {
    note(
        write,
        Fact {
            what,
            person: Some(person),
            ..Fact::default()
        },
    )
}

/// What no two people share.
pub(super) fn name_key(name: &str) -> String {
    name.trim().to_lowercase()
}

fn credentials(row: &Row<'_>) -> rusqlite::Result<Credentials> {
    Ok(Credentials {
        person: PersonRef {
            id: PersonId(row.get("id")?),
            name: row.get("name")?,
        },
        password_hash: row.get("password_hash")?,
    })
}
