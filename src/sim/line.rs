//! A listener whose line can be cut: while the tenant is offline, every connection is refused or breaks.
//!
//! A connection also breaks in the middle of a request or of an answer, at the byte that a rule names: a client has to live with any.

use crate::sim::faults::{Faults, Side};
use crate::sim::tenant::lock;
use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// A listener on loopback.
pub struct Line {
    listener: TcpListener,
    offline: Arc<AtomicBool>,
    side: Side,
    faults: Arc<Mutex<Faults>>,
}

impl Line {
    /// Listens on 127.0.0.1; port 0 takes a free one.
    pub async fn listen(
        port: u16,
        side: Side,
        offline: Arc<AtomicBool>,
        faults: Arc<Mutex<Faults>>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, port)).await?;
        Ok(Self { listener, offline, side, faults })
    }

    /// The address that was taken.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl axum::serve::Listener for Line {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            // A failed accept (a client gone again, no free descriptors) concerns one connection; the listener goes on.
            if let Ok((stream, address)) = self.listener.accept().await {
                if self.offline.load(Ordering::SeqCst) {
                    continue;
                }
                // Answers are small and in two writes; waiting for more would cost 40 ms a request.
                let _ = stream.set_nodelay(true);
                let connection = Connection {
                    stream,
                    offline: self.offline.clone(),
                    side: self.side,
                    faults: self.faults.clone(),
                    unread: None,
                    wire: Wire { left: Arc::new(AtomicU64::new(u64::MAX)) },
                };
                return (connection, address);
            }
            tokio::task::yield_now().await;
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.address()
    }
}

/// A connection that breaks when the line is cut.
pub struct Connection {
    stream: TcpStream,
    offline: Arc<AtomicBool>,
    side: Side,
    faults: Arc<Mutex<Faults>>,
    /// So much of the request is still read before the connection breaks; `None`: all of it.
    unread: Option<usize>,
    wire: Wire,
}

/// What becomes of the answers on a connection.
#[derive(Clone)]
pub struct Wire {
    /// So many bytes are still written.
    left: Arc<AtomicU64>,
}

impl Wire {
    /// The connection breaks after so many more bytes; `None`: never.
    pub(crate) fn cut_after(&self, bytes: Option<u64>) {
        self.left.store(bytes.unwrap_or(u64::MAX), Ordering::SeqCst);
    }
}

impl Connected<IncomingStream<'_, Line>> for Wire {
    fn connect_info(stream: IncomingStream<'_, Line>) -> Self {
        stream.io().wire.clone()
    }
}

/// Method and path of the request that begins here; clients send the head in one piece.
fn begins(bytes: &[u8]) -> Option<(&str, &str)> {
    let end = bytes.windows(2).position(|two| two == b"\r\n")?;
    let mut parts = std::str::from_utf8(&bytes[..end]).ok()?.split(' ');
    let (method, target, version) = (parts.next()?, parts.next()?, parts.next()?);
    (version == "HTTP/1.1").then(|| (method, target.split('?').next().unwrap_or(target)))
}

impl Connection {
    fn check(&self) -> io::Result<()> {
        if self.offline.load(Ordering::SeqCst) { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check()?;
        if self.unread == Some(0) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let Poll::Ready(Ok(())) = read else { return read };
        let got = &buffer.filled()[before..];
        if let Some((method, path)) = begins(got) {
            let path = path.strip_prefix("/v1.0").unwrap_or(path);
            let dropped = lock(&self.faults).dropped_after(self.side, method, path);
            self.unread = dropped.map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
        }
        if let Some(left) = self.unread {
            let kept = got.len().min(left);
            if kept == 0 {
                return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
            }
            buffer.set_filled(before + kept);
            self.unread = Some(left - kept);
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        let left = self.wire.left.load(Ordering::SeqCst);
        if left == 0 {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let piece = &bytes[..bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX))];
        let written = Pin::new(&mut self.stream).poll_write(context, piece);
        if let Poll::Ready(Ok(count)) = &written
            && left != u64::MAX
        {
            self.wire.left.store(left.saturating_sub(*count as u64), Ordering::SeqCst);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
