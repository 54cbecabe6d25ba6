//! From the box on a salary page to the last press of a button, by way of the mails in between.

use std::time::Duration;

use crate::support::{Reader, key};

impl Reader {
    /// Types an address into the box, as slowly as people do.
    fn signs_up(&self, email: &str) {
        self.clicks("#sign-up-email");
        self.waits_until("document.querySelector('[data-stamp]').value !== ''");
        self.types(email);
        std::thread::sleep(Duration::from_secs(2));
        self.presses(key::ENTER);
    }
}

#[test]
fn a_reader_signs_up_confirms_chooses_and_leaves() {
    let Some(reader) = Reader::arrives() else {
        return;
    };
    reader.opens("/salaries/back-end-web/django");
    reader.clicks("#sign-up-only");
    reader.signs_up("ada@example.org");
    reader.gets_to("/newsletter/requested");

    let confirm = reader.site.link_in_mail("/newsletter/confirm/");
    reader.opens(&confirm);
    assert!(reader.sees("main").contains("Back-End Web with Django"));
    reader.clicks("main button.primary");
    reader.waits_until("document.querySelector('h1').textContent === 'You are subscribed'");

    reader.clicks("main a[href^='/newsletter/preferences/']");
    reader.waits_until("document.querySelector('#newsletter') !== null");
    reader.clicks("#newsletter");
    reader.clicks("main button.primary");
    reader.waits_until("document.querySelector('.saved') !== null");

    reader.clicks("main a[href^='/newsletter/unsubscribe/']");
    reader.waits_until("document.querySelector('h1').textContent === 'Leave the newsletter'");
    reader.clicks("main button.primary");
    reader.waits_until("document.querySelector('h1').textContent === 'You get no more mails'");
}
