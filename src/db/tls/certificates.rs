//! Whom to trust, what is shown to the server, and the sentence for a certificate that will not do.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use super::policy::{Check, Roots, Tls};

/// How the handshake is to be done.
pub(super) fn client_config(tls: &Tls) -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match tls.check() {
        Check::Nothing => Arc::new(AnyCertificate(provider.clone())),
        Check::Signature => Arc::new(AnyName(signed_by(trusted(tls)?, provider.clone())?)),
        Check::SignatureAndName => signed_by(trusted(tls)?, provider.clone())?,
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let Some((certificate, key)) = &tls.client else {
        return Ok(config.with_no_client_auth());
    };
    let chain = certificates(certificate)?;
    let key = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| format!("sslkey {} cannot be used: {error}", key.display()))?;
    config
        .with_client_auth_cert(chain, key)
        .map_err(|error| format!("sslcert {} cannot be used: {error}", certificate.display()))
}

fn trusted(tls: &Tls) -> Result<RootCertStore, String> {
    let mut store = RootCertStore::empty();
    match &tls.roots {
        None => {
            return Err(format!(
                "sslmode={} needs sslrootcert, a file of certificates or system",
                tls.mode
            ));
        }
        Some(Roots::System) => {
            let found = rustls_native_certs::load_native_certs();
            let (added, _) = store.add_parsable_certificates(found.certs);
            if added == 0 {
                return Err("sslrootcert=system finds no certificates on this system".to_owned());
            }
        }
        Some(Roots::File(path)) => {
            for certificate in certificates(path)? {
                store.add(certificate).map_err(|error| {
                    format!("{} cannot be used as sslrootcert: {error}", path.display())
                })?;
            }
        }
    }
    Ok(store)
}

/// The certificates of a PEM file, at least one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    match found {
        Ok(found) if found.is_empty() => Err(format!("{} holds no certificate", path.display())),
        Ok(found) => Ok(found),
        Err(error) => Err(format!("cannot read {}: {error}", path.display())),
    }
}

fn signed_by(
    roots: RootCertStore,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, String> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| error.to_string())
}

/// Takes whatever the server shows. Its signatures are not looked at either: whoever can come between could show a
/// certificate of his own, with signatures that fit.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Checks who signed the certificate, and not for which name.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let checked =
            self.0
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match checked {
            // The name comes last: everything else is in order.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// Why TLS failed, as a sentence.
pub(super) fn reason(error: &io::Error, tls: &Tls) -> String {
    let mode = tls.mode;
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
    match cause {
        Some(Error::InvalidCertificate(problem)) => {
            let what = match problem {
                CertificateError::NotValidForNameContext { presented, .. }
                    if presented.is_empty() =>
                {
                    "names no host, for which it needs a subjectAltName".to_owned()
                }
                CertificateError::NotValidForName
                | CertificateError::NotValidForNameContext { .. } => {
                    format!("is not valid for {}", tls.name)
                }
                CertificateError::UnknownIssuer => {
                    format!("is not signed by an authority of {}", authorities(tls))
                }
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                    "has expired".to_owned()
                }
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                    "is not valid yet".to_owned()
                }
                CertificateError::Other(other)
                    if format!("{other:?}").contains("CaUsedAsEndEntity") =>
                {
                    "is an authority's, but has to be a server's, signed by an authority".to_owned()
                }
                other => format!("cannot be checked: {other}"),
            };
            format!("the server's certificate {what} (sslmode={mode})")
        }
        Some(Error::AlertReceived(alert)) => {
            format!("the server broke off TLS: {alert:?} (sslmode={mode})")
        }
        Some(other) => format!("TLS with the server failed: {other} (sslmode={mode})"),
        None => format!("the connection broke off: {error}"),
    }
}

fn authorities(tls: &Tls) -> String {
    match &tls.roots {
        Some(Roots::File(path)) => path.display().to_string(),
        Some(Roots::System) | None => "the system".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::tls::policy::Mode;

    #[test]
    fn every_reason_is_a_sentence_that_names_the_mode() {
        let tls = Tls {
            name: "db.example".to_owned(),
            host: "db.example".to_owned(),
            port: 5432,
            mode: Mode::VerifyFull,
            roots: Some(Roots::File("ca.crt".into())),
            client: None,
        };
        for (problem, sentence) in [
            (
                CertificateError::NotValidForName,
                "the server's certificate is not valid for db.example (sslmode=verify-full)",
            ),
            (
                CertificateError::UnknownIssuer,
                "the server's certificate is not signed by an authority of ca.crt (sslmode=verify-full)",
            ),
            (
                CertificateError::Expired,
                "the server's certificate has expired (sslmode=verify-full)",
            ),
            (
                CertificateError::NotValidYet,
                "the server's certificate is not valid yet (sslmode=verify-full)",
            ),
        ] {
            let error = io::Error::other(Error::InvalidCertificate(problem));
            assert_eq!(reason(&error, &tls), sentence);
        }
    }
}
