//! Whom TLS trusts: the root certificates of the machine, which a container from nothing does not have.

use anyhow::bail;

/// Without any, every server is refused as one of an unknown issuer, and the SDK goes on trying for half a minute.
pub(crate) fn require(endpoint: Option<&str>) -> anyhow::Result<()> {
    if !speaks_tls(endpoint) {
        return Ok(());
    }
    let found = rustls_native_certs::load_native_certs();
    if !found.certs.is_empty() {
        return Ok(());
    }
    let reasons: String = found.errors.iter().map(|error| format!("\n  {error}")).collect();
    bail!(
        "there are no root certificates here, so that TLS can trust nobody: install `ca-certificates`, mount a bundle \
         at /etc/ssl/certs/ca-certificates.crt, or name it in SSL_CERT_FILE{reasons}"
    )
}

/// A simulation is served without it; AWS is not.
fn speaks_tls(endpoint: Option<&str>) -> bool {
    endpoint.is_none_or(|url| !url.starts_with("http://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_endpoint_without_tls_needs_nobody_to_be_trusted() {
        assert!(speaks_tls(None));
        assert!(speaks_tls(Some("https://127.0.0.1:4599")));
        assert!(!speaks_tls(Some("http://127.0.0.1:4599")));
    }
}
