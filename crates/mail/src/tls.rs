//! TLS to a relay: certificate and name are always verified, by the roots of Mozilla and, for a
//! private relay, one more authority.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use lettre::transport::smtp::client::{AsyncTokioStream, Certificate, TlsParameters};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The extra authority or the relay's name cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadTls;

/// What a relay is trusted by.
#[derive(Clone)]
pub(crate) struct Trust {
    /// For STARTTLS, which lettre does.
    pub(crate) starttls: TlsParameters,
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Trust {
    pub(crate) fn new(host: &str, authority: Option<&[u8]>) -> Result<Self, BadTls> {
        let mut starttls = TlsParameters::builder(host.to_owned());
        let mut roots = RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        if let Some(pem) = authority {
            starttls =
                starttls.add_root_certificate(Certificate::from_pem(pem).map_err(|_| BadTls)?);
            let mut found = false;
            for certificate in CertificateDer::pem_slice_iter(pem) {
                roots.add(certificate.map_err(|_| BadTls)?).map_err(|_| BadTls)?;
                found = true;
            }
            if !found {
                return Err(BadTls);
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| BadTls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            starttls: starttls.build_rustls().map_err(|_| BadTls)?,
            connector: TlsConnector::from(Arc::new(config)),
            name: ServerName::try_from(host.to_owned()).map_err(|_| BadTls)?,
        })
    }

    /// TLS from the first byte.
    pub(crate) async fn wrap(&self, stream: TcpStream) -> io::Result<ImplicitTls> {
        self.connector.connect(self.name.clone(), stream).await.map(ImplicitTls)
    }
}

/// Whether an error is TLS's own, such as a certificate that was not accepted, and not the
/// network's.
pub(crate) fn is_tls_error(error: &(dyn core::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let inside = inside.and_then(|inside| inside.downcast_ref::<rustls::Error>());
        if inside.is_some() || error.is::<rustls::Error>() {
            return true;
        }
        next = error.source();
    }
    false
}

/// A stream that lettre accepts in place of a bare one: it has no way of its own to be given a
/// socket with `TCP_NODELAY` for implicit TLS.
#[derive(Debug)]
pub(crate) struct ImplicitTls(TlsStream<TcpStream>);

impl AsyncTokioStream for ImplicitTls {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}

impl AsyncRead for ImplicitTls {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for ImplicitTls {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
