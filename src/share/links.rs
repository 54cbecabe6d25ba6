//! Links that hand a page on.

use crate::web::{Link, query_escaped};

/// Plain links that hand an address and its title to networks and mail. Nobody is asked anything before one is followed.
#[must_use]
pub fn links(address: &str, title: &str) -> Vec<Link> {
    let (address, title) = (query_escaped(address), query_escaped(title));
    let links = [
        (
            "LinkedIn",
            format!("https://www.linkedin.com/sharing/share-offsite/?url={address}"),
        ),
        (
            "X",
            format!("https://x.com/intent/post?url={address}&text={title}"),
        ),
        (
            "Facebook",
            format!("https://www.facebook.com/sharer/sharer.php?u={address}"),
        ),
        (
            "Reddit",
            format!("https://www.reddit.com/submit?url={address}&title={title}"),
        ),
        (
            "Telegram",
            format!("https://t.me/share/url?url={address}&text={title}"),
        ),
        (
            "WhatsApp",
            format!("https://wa.me/?text={title}%20{address}"),
        ),
        ("Mail", format!("mailto:?subject={title}&body={address}")),
    ];
    links.map(|(text, href)| Link::new(text, href)).to_vec()
}
