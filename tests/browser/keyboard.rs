//! The site can be used without a mouse.

use crate::support::{Reader, key};

#[test]
fn the_first_tab_offers_to_skip_to_the_content() {
    let Some(reader) = Reader::arrives() else {
        return;
    };
    for path in ["/", "/salaries/back-end-web/django"] {
        reader.opens(path);
        reader.presses(key::TAB);
        let top: Option<f64> = reader.finds(
            "document.activeElement.matches('.skip') ? document.activeElement.getBoundingClientRect().top : null",
        );
        let top = top.unwrap_or_else(|| panic!("{path}: the first Tab is not at the skip link"));
        assert!(top >= 0.0, "{path}: the skip link is out of sight");

        reader.presses(key::ENTER);
        let focused: String = reader.finds("document.activeElement.id");
        assert_eq!(focused, "main", "{path}");
        reader.presses(key::TAB);
        let inside: bool = reader.finds("document.activeElement.matches('#main *')");
        assert!(inside, "{path}: the next Tab is not in the content");
    }
}
