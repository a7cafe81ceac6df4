//! A connection until `STARTTLS` has done its work.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// First byte of a TLS handshake (RFC 8446 section 5.1), and of no SMTP command.
const HANDSHAKE: u8 = 0x16;

/// Gives one byte at a time until we begin the handshake.
///
/// lettre keeps what it has read beyond the answer to `STARTTLS`, and would take it for the relay's
/// later answers: whoever can add to the connection could say yes to every mail inside TLS (RFC 3207
/// section 4.2 wants what was heard before it forgotten). Read so, nothing lies beyond an answer: what
/// was added stays in the socket, and the handshake fails on it.
#[derive(Debug)]
pub(super) struct BeforeTls {
    stream: TcpStream,
    handshake: bool,
}

impl BeforeTls {
    pub(super) const fn new(stream: TcpStream) -> Self {
        Self { stream, handshake: false }
    }
}

impl AsyncTokioStream for BeforeTls {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

impl AsyncRead for BeforeTls {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.handshake || into.remaining() == 0 {
            return Pin::new(&mut self.stream).poll_read(context, into);
        }
        let mut byte = [0];
        let mut one = ReadBuf::new(&mut byte);
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut one))?;
        into.put_slice(one.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for BeforeTls {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.handshake |= bytes.first() == Some(&HANDSHAKE);
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
