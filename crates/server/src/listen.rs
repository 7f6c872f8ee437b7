//! The socket: a long backlog, and connections on which a reader that stalls costs little and ends.

use std::net::SocketAddr;
use std::time::Duration;

use socket2::SockRef;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// After a restart all readers come at once; the default of 128 makes them wait for seconds.
const BACKLOG: u32 = 4_096;
/// What the kernel keeps for a reader that does not read; by default it grows to megabytes.
const SEND_BUFFER: usize = 32 * 1024;
/// A reader that acknowledges nothing for this long is gone.
const USER_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the server cannot listen there.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Not an address and a port.
    #[error(
        "{text} is no address to listen on ({reason}). Use an address and a port, for example --listen 127.0.0.1:8080"
    )]
    BadAddress {
        /// As it was given.
        text: String,
        /// Why.
        reason: String,
    },
    /// Somebody else listens there.
    #[error(
        "{address} is in use by another program. Stop that one, or choose another port: --listen 127.0.0.1:0 takes any free one"
    )]
    InUse {
        /// Where.
        address: SocketAddr,
    },
    /// The system refuses.
    #[error("cannot listen on {address}: {reason}. Choose another address or port with --listen")]
    Refused {
        /// Where.
        address: SocketAddr,
        /// Why; said by the message, so it is no `source`.
        reason: std::io::Error,
    },
}

/// Listens on `text`, an address or a host name with a port.
///
/// # Errors
/// [`ListenError`].
pub async fn listen(text: &str) -> Result<TcpListener, ListenError> {
    let bad = |reason: String| ListenError::BadAddress {
        text: text.to_owned(),
        reason,
    };
    let address = tokio::net::lookup_host(text)
        .await
        .map_err(|error| bad(error.to_string()))?
        .next()
        .ok_or_else(|| bad("the name has no address".to_owned()))?;
    let refused = |reason: std::io::Error| match reason.kind() {
        std::io::ErrorKind::AddrInUse => ListenError::InUse { address },
        _ => ListenError::Refused { address, reason },
    };
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }
    .map_err(refused)?;
    // A restart must not wait for connections of the last server that the kernel still remembers.
    #[cfg(unix)]
    socket.set_reuseaddr(true).map_err(refused)?;
    socket.bind(address).map_err(refused)?;
    socket.listen(BACKLOG).map_err(refused)
}

/// Sets a new connection up. What the system does not take is not worth refusing the connection for.
pub fn tune(connection: &mut TcpStream) {
    let socket = SockRef::from(&*connection);
    let no_delay = socket.set_tcp_nodelay(true);
    let buffer = socket.set_send_buffer_size(SEND_BUFFER);
    #[cfg(target_os = "linux")]
    let timeout = socket.set_tcp_user_timeout(Some(USER_TIMEOUT));
    #[cfg(not(target_os = "linux"))]
    let timeout = socket.set_tcp_keepalive(&socket2::TcpKeepalive::new().with_time(USER_TIMEOUT));
    if let Err(error) = no_delay.and(buffer).and(timeout) {
        tracing::debug!(%error, "failed to set a connection up");
    }
}
