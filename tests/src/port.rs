//! Ports that stay ours. One that is only looked for may be somebody else's by the time it is used.

use std::io::Result;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

/// Connections that wait to be accepted, at most.
const BACKLOG: u32 = 1024;

/// A port of the loopback address that nobody else is given while this lives, and on which nobody
/// listens until somebody is told to: who names it and reuses addresses, as servers do, may.
#[derive(Debug)]
pub struct Port {
    /// Bound, and never listens.
    _held: TcpSocket,
    address: SocketAddr,
}

impl Port {
    /// One that is free.
    ///
    /// # Panics
    /// When there is none.
    pub fn keep() -> Self {
        let held = bound(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let held = held.expect("a port of the loopback address is free");
        let address = held.local_addr().expect("it is bound");
        Self { _held: held, address }
    }

    /// Its number.
    pub const fn number(&self) -> u16 {
        self.address.port()
    }

    /// Somebody who listens on it, until that is dropped.
    ///
    /// # Panics
    /// When somebody does already.
    pub fn listen(&self) -> TcpListener {
        let listening = bound(self.address).and_then(|socket| socket.listen(BACKLOG));
        listening.expect("nobody listens there")
    }
}

fn bound(address: SocketAddr) -> Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}
