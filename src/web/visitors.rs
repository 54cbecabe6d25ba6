//! The address that a visitor comes from, also behind a proxy.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::http::header::X_FORWARDED_FOR;
use ipnet::IpNet;

use super::Site;

/// The proxies whose word is taken for where a visitor comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<IpNet>);

/// A text that names no address or network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotANetwork(String);

impl Proxies {
    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl FromStr for Proxies {
    type Err = NotANetwork;

    /// Reads addresses and networks such as `10.0.0.0/8`, with commas between them.
    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let parts = text.split(',').map(str::trim);
        let networks = parts.filter(|part| !part.is_empty()).map(|part| {
            let network = part.parse::<IpNet>();
            let network = network.or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
            network.map_err(|_| NotANetwork(part.to_owned()))
        });
        networks.collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Display for NotANetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "\u{201c}{}\u{201d} is neither an address nor a network such as 10.0.0.0/8",
            self.0
        )
    }
}

/// The address that a request comes from: of the connection, or what the nearest trusted proxies say of it.
#[must_use]
pub fn address(request: &HttpRequest, site: &Site) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    let said = request.headers().get_all(X_FORWARDED_FOR);
    let said: Vec<&str> = said.filter_map(|value| value.to_str().ok()).collect();
    Some(behind(&site.trusted_proxies, peer, &said.join(",")))
}

/// Every proxy adds at the end of the list whom it was asked by. What stands before the first one that is not trusted may be
/// invented.
fn behind(proxies: &Proxies, peer: IpAddr, said: &str) -> IpAddr {
    let mut nearest = peer;
    for name in said.rsplit(',') {
        if !proxies.trust(nearest) {
            break;
        }
        let Ok(next) = name.trim().parse::<IpAddr>() else {
            break;
        };
        nearest = next.to_canonical();
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let proxies: Proxies = "127.0.0.1, 10.0.0.0/8,2001:db8::/32".parse().unwrap();
        let from =
            |peer: &str, said: &str| behind(&proxies, peer.parse().unwrap(), said).to_string();
        assert_eq!(from("203.0.113.9", "198.51.100.1"), "203.0.113.9");
        assert_eq!(from("127.0.0.1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(
            from("127.0.0.1", "1.1.1.1, 198.51.100.1, 10.2.3.4"),
            "198.51.100.1"
        );
        assert_eq!(from("127.0.0.1", ""), "127.0.0.1");
        assert_eq!(from("127.0.0.1", "nonsense, 10.2.3.4"), "10.2.3.4");
        assert_eq!(from("2001:db8::7", "2a00::1"), "2a00::1");
        assert_eq!(
            behind(&Proxies::default(), [127, 0, 0, 1].into(), "1.1.1.1").to_string(),
            "127.0.0.1"
        );
    }

    #[test]
    fn what_is_no_network_is_named() {
        assert_eq!("".parse(), Ok(Proxies::default()));
        let error = "10.0.0.0/8, nginx".parse::<Proxies>().unwrap_err();
        assert!(error.to_string().contains("nginx"));
        assert!("10.0.0.0/33".parse::<Proxies>().is_err());
    }
}
