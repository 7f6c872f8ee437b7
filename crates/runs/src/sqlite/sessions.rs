//! Sessions: made at sign-in, read by each request, told to open streams when they end.

use contract::ids::PersonId;
use contract::run::PersonRef;
use contract::timestamp::Timestamp;
use rusqlite::Connection;

use super::audit::{Fact, note};
use super::members;
use super::statement::Statements;
use super::writer::Write;
use crate::change::Change;
use crate::error::{Error, Result};
use crate::people::{Caller, SessionId, TokenHash};

const ADD: &str = "INSERT INTO sessions (token, person_id, created_at, expires_at) VALUES (?1, ?2, ?3, ?4) RETURNING id";
const CALLER: &str = "SELECT s.id, s.person_id, p.name, p.marks_rev, s.expires_at FROM sessions s
    JOIN people p ON p.id = s.person_id WHERE s.token = ?1 AND s.expires_at > ?2";
const END: &str = "DELETE FROM sessions WHERE id = ?1 RETURNING person_id";
const END_ALL: &str = "DELETE FROM sessions WHERE person_id = ?1 RETURNING id";
const END_EXPIRED: &str = "DELETE FROM sessions WHERE expires_at <= ?1 RETURNING id";

/// Makes a session, and clears those away that ended by themselves.
pub(super) fn add(
    write: &mut Write<'_>,
    person: PersonId,
    token: TokenHash,
    expires_at: Timestamp,
) -> Result<SessionId> {
    end_where(write, END_EXPIRED, write.now.0)?;
    let params = (token, person.0, write.now.0, expires_at.0);
    let session = write
        .connection
        .one(ADD, params, |row| Ok(SessionId(row.get(0)?)))?
        .ok_or_else(|| Error::Unavailable("the new row was not returned".into()))?;
    note_session(write, "session.opened", person)?;
    Ok(session)
}

/// Who is asking.
pub(super) fn caller(
    connection: &Connection,
    now: Timestamp,
    token: TokenHash,
) -> Result<Option<Caller>> {
    let found = connection.one(CALLER, (token, now.0), |row| {
        Ok(Caller {
            session_id: SessionId(row.get("id")?),
            person: PersonRef {
                id: PersonId(row.get("person_id")?),
                name: row.get("name")?,
            },
            tenants: Vec::new(),
            marks_rev: row.get("marks_rev")?,
            expires_at: Timestamp(row.get("expires_at")?),
        })
    })?;
    let Some(mut caller) = found else {
        return Ok(None);
    };
    caller.tenants = members::tenants_of(connection, caller.person.id)?;
    Ok(Some(caller))
}

/// Ends a session; nothing happens where it has ended.
pub(super) fn end(write: &mut Write<'_>, session: SessionId) -> Result<()> {
    let person = write
        .connection
        .one(END, [session.0], |row| Ok(PersonId(row.get(0)?)))?;
    if let Some(person) = person {
        note_session(write, "session.closed", person)?;
        write.changes.push(Change::SessionEnded(session));
    }
    Ok(())
}

/// Ends all sessions of a person.
pub(super) fn end_all(write: &mut Write<'_>, person: PersonId) -> Result<()> {
    end_where(write, END_ALL, person.0)
}

fn end_where(write: &mut Write<'_>, sql: &'static str, value: i64) -> Result<()> {
    let ended = write
        .connection
        .all(sql, [value], |row| Ok(SessionId(row.get(0)?)))?;
    write
        .changes
        .extend(ended.into_iter().map(Change::SessionEnded));
    Ok(())
}

fn note_session(write: &Write<'_>, what: &'static str, person: PersonId) -> Result<()> {
    note(
        write,
        Fact {
            what,
            person: Some(person),
            ..Fact::default()
        },
    )
}
