//! The way into the admin, from the first administrator to a colleague who writes.

use crate::support::{Reader, key};

const PASSWORD: &str = "correct horse battery";

impl Reader {
    /// Types into a field, in place of what was there.
    fn fills(&self, field: &str, text: &str) {
        self.clicks(field);
        self.finds::<bool>(&format!(
            "(document.querySelector({field:?}).select(), true)"
        ));
        self.types(text);
    }

    /// Creates the first administrator.
    fn becomes_administrator(&self) {
        self.opens(&self.site.first_administrator);
        self.fills("#name", "Ada Lovelace");
        self.fills("#email", "ada@lovelace.org");
        self.fills("#password", PASSWORD);
        self.presses(key::ENTER);
        self.gets_to("/admin");
    }

    /// Everything that the frame says, also what a closed menu holds.
    fn reads_in_the_frame(&self) -> String {
        self.finds("document.querySelector('.rail').textContent")
    }

    fn signs_in(&self, email: &str, password: &str) {
        self.fills("#email", email);
        self.fills("#password", password);
        self.presses(key::ENTER);
    }
}

#[test]
fn the_first_administrator_invites_an_editor_who_signs_in() {
    let Some(reader) = Reader::arrives() else {
        return;
    };
    reader.becomes_administrator();
    assert!(reader.sees(".notice").contains("invite those who write"));

    reader.opens("/admin/accounts");
    reader.clicks(".pagehead .primary");
    reader.gets_to("/admin/accounts/new");
    reader.fills("#name", "Bob");
    reader.presses(key::ENTER);
    // The list of problems has the focus, and leads to the field.
    reader.waits_until("document.activeElement.classList.contains('problems')");
    reader.clicks(".problems a");
    reader.waits_until("document.activeElement.id === 'email'");
    reader.types("bob@jobs.example");
    reader.presses(key::ENTER);
    reader.waits_until("document.querySelector('#link') !== null");
    let link: String = reader.finds("document.querySelector('#link').value");
    let path = link.strip_prefix(&reader.site.origin).unwrap();

    reader.clicks(".whoami button");
    reader.gets_to("/admin/sign-in");
    reader.opens(path);
    reader.fills("#password", "bob and his horse");
    reader.presses(key::ENTER);
    reader.gets_to("/admin");
    let frame = reader.reads_in_the_frame();
    assert!(
        frame.contains("Bob") && !frame.contains("Accounts"),
        "{frame}"
    );

    reader.clicks(".whoami button");
    reader.gets_to("/admin/sign-in");
    reader.opens("/admin/log");
    reader.signs_in("bob@jobs.example", "wrong horse battery");
    reader.waits_until("document.querySelector('.problems') !== null");
    assert!(reader.sees(".problems").contains("is not right"));
    reader.fills("#password", "bob and his horse");
    reader.presses(key::ENTER);
    reader.gets_to("/admin/log");
    // The browser notes each form that came back with problems, and nothing else.
    let mut console = reader.browser.console();
    console.retain(|line| {
        !line.ends_with("the server responded with a status of 422 (Unprocessable Entity)")
    });
    assert_eq!(console, Vec::<String>::new());
}

#[test]
fn what_was_typed_outlives_its_session() {
    let Some(reader) = Reader::arrives() else {
        return;
    };
    reader.becomes_administrator();
    reader.opens("/admin/me");
    reader.fills("#name", "Countess \u{201c}Ada\u{201d} & Co");
    reader.finds::<bool>(
        "(fetch('/admin/sign-out', {method: 'POST'}).then(() => document.title = 'out'), true)",
    );
    reader.waits_until("document.title === 'out'");
    reader.presses(key::ENTER);
    reader.waits_until("document.querySelector('[name=kept]') !== null");
    reader.signs_in("ada@lovelace.org", PASSWORD);
    reader.waits_until("document.querySelector('h1').textContent === 'Your text is kept'");
    reader.presses(key::ENTER);
    reader.gets_to("/admin/me");
    let frame = reader.reads_in_the_frame();
    assert!(
        frame.contains("Countess \u{201c}Ada\u{201d} & Co"),
        "{frame}"
    );
}

#[test]
fn the_admin_works_by_keyboard_on_a_phone() {
    let Some(reader) = Reader::arrives_without_javascript() else {
        return;
    };
    reader.becomes_administrator();
    reader.browser.set_width(360);
    for path in [
        "/admin",
        "/admin/accounts",
        "/admin/accounts/new",
        "/admin/accounts/1",
        "/admin/me",
        "/admin/log",
    ] {
        reader.opens(path);
        let beyond: i64 = reader
            .finds("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assert_eq!(beyond, 0, "{path} is wider than the screen");
    }
    reader.opens("/admin");
    reader.tabs_to(".menu summary");
    reader.presses(key::ENTER);
    reader.tabs_to(".menu a[href='/admin/log']");
    reader.presses(key::ENTER);
    reader.gets_to("/admin/log");
}
