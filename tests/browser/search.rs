//! The search box leads somewhere.

use crate::support::{Reader, key};

#[test]
fn the_search_on_the_home_page_leads_to_pages_that_exist() {
    let Some(reader) = Reader::arrives() else {
        return;
    };
    reader.opens("/");
    reader.clicks("main input[type=search]");
    reader.types("py");
    reader.presses(key::ENTER);
    reader.gets_to("/search?q=py");
    let links: Vec<(String, String)> = reader.finds(
        "[...document.querySelectorAll('main .links a')].map((link) => [link.textContent, link.href])",
    );
    assert!(links.iter().any(|(text, _)| text == "Python"), "{links:?}");
    for (text, address) in &links {
        assert_eq!(reader.site.status_of(address), 200, "{text}: {address}");
    }

    reader.clicks("main .links a");
    reader.gets_to(
        links
            .first()
            .and_then(|(_, address)| address.strip_prefix(&reader.site.origin))
            .unwrap(),
    );
}
