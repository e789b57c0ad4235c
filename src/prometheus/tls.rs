//! Certificates: whom we trust and who we are.

use std::path::Path;

use reqwest::{Certificate, ClientBuilder, Identity};

use crate::files;
use crate::plan::Tls;

use super::ClientError;
use super::cache::Asker;

/// Applies the certificate files, which are relative to `base_dir`. They tell askers apart.
pub(super) fn configure(
    mut builder: ClientBuilder,
    settings: &Tls,
    base_dir: &Path,
    is_tls: bool,
    asker: &mut Asker,
) -> Result<ClientBuilder, ClientError> {
    // The second client of a process finds the provider installed, which is what is wanted.
    let _already = rustls::crypto::ring::default_provider().install_default();
    match &settings.ca_file {
        Some(path) => {
            let pem = read(base_dir, "the certificate authority", path)?;
            asker.add(&pem);
            let roots = Certificate::from_pem_bundle(&pem)
                .ok()
                .filter(|roots| !roots.is_empty())
                .ok_or_else(|| not_pem("the certificate authority", path))?;
            builder = builder.tls_certs_only(roots);
        }
        // Without TLS nobody needs the system's authorities, and a slim container has none.
        None if !is_tls => builder = builder.tls_certs_only([]),
        None => {}
    }
    if let Some((certificate, key)) = &settings.identity {
        let mut pem = read(base_dir, "the client certificate", certificate)?;
        pem.push(b'\n');
        pem.extend(read(base_dir, "the client key", key)?);
        asker.add(&pem);
        let identity = Identity::from_pem(&pem)
            .map_err(|_| not_pem("the client certificate and key", certificate))?;
        builder = builder.identity(identity);
    }
    Ok(builder)
}

fn read(base_dir: &Path, what: &'static str, path: &str) -> Result<Vec<u8>, ClientError> {
    files::read(&base_dir.join(path), files::SMALL).map_err(|error| ClientError::Certificate {
        what,
        path: path.to_owned(),
        problem: error.to_string(),
    })
}

fn not_pem(what: &'static str, path: &str) -> ClientError {
    ClientError::Certificate {
        what,
        path: path.to_owned(),
        problem: "it is not in PEM format".into(),
    }
}
