//! The floor: one thread that writes what it is told to each socket of the tenant, one after the other.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result};

/// As our answer begins, about.
const HEAD: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-store\r\nconnection: close\r\n\r\nevent: hello\ndata: {}\n\n";

type Sockets = Arc<Mutex<BTreeMap<usize, Vec<TcpStream>>>>;

/// Answers `GET /{tenant}` with a stream. A connection that begins with `FEED` is where the frames come from.
pub(crate) fn run(port: u16) -> Result<()> {
    let listener = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
    listener.set_reuse_address(true)?;
    listener.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], port)).into())?;
    listener.listen(4_096)?;
    let listener: TcpListener = listener.into();
    println!("ready {}", listener.local_addr()?.port());
    let sockets: Sockets = Arc::default();
    for socket in listener.incoming() {
        let mut socket = socket?;
        socket.set_nodelay(true)?;
        let mut first = [0; 4];
        socket.read_exact(&mut first)?;
        if &first == b"FEED" {
            let sockets = Arc::clone(&sockets);
            std::thread::spawn(move || write(socket, &sockets));
        } else {
            let tenant = tenant_of(&mut socket)?;
            socket.write_all(HEAD)?;
            let mut sockets = sockets.lock().expect("nobody panics with it");
            sockets.entry(tenant).or_default().push(socket);
        }
    }
    Ok(())
}

fn tenant_of(socket: &mut TcpStream) -> Result<usize> {
    let mut request = [0; 1024];
    let mut n_read = 0;
    while !request[..n_read].ends_with(b"\r\n\r\n") {
        n_read += socket.read(&mut request[n_read..])?;
    }
    let text = std::str::from_utf8(&request[..n_read])?;
    let path = text.split(' ').next().context("a path")?;
    Ok(path.trim_start_matches('/').parse()?)
}

fn write(feed: TcpStream, sockets: &Sockets) {
    let mut feed = BufReader::new(feed);
    let mut frame = Vec::new();
    while let Ok(tenant) = read_frame(&mut feed, &mut frame) {
        let mut sockets = sockets.lock().expect("nobody panics with it");
        if let Some(sockets) = sockets.get_mut(&tenant) {
            sockets.retain_mut(|socket| socket.write_all(&frame).is_ok());
        }
    }
}

fn read_frame(feed: &mut impl Read, frame: &mut Vec<u8>) -> std::io::Result<usize> {
    let (mut tenant, mut length) = ([0; 4], [0; 4]);
    feed.read_exact(&mut tenant)?;
    feed.read_exact(&mut length)?;
    frame.resize(u32::from_le_bytes(length) as usize, 0);
    feed.read_exact(frame)?;
    Ok(u32::from_le_bytes(tenant) as usize)
}
