//! What holds for every page: it fits the window, runs without an error, and asks nobody else for anything.

use serde_json::json;

use crate::support::Reader;

/// A page of every kind, with the status that it answers.
fn pages(reader: &Reader) -> Vec<(String, u16)> {
    reader.opens("/articles");
    let article = reader.finds("document.querySelector('main a[href^=\"/articles/\"]').pathname");
    let mut pages: Vec<_> = [
        "/",
        "/salaries",
        "/salaries/back-end-web",
        "/salaries/back-end-web/django",
        "/technologies/django",
        "/articles",
        "/methodology",
        "/search?q=py",
    ]
    .map(|path| (path.to_owned(), 200))
    .into();
    pages.push((article, 200));
    pages.push(("/nothing-is-here".to_owned(), 404));
    pages
}

fn opens(reader: &Reader, path: &str, status: u16) {
    reader.opens(path);
    let answered: u16 =
        reader.finds("performance.getEntriesByType('navigation')[0].responseStatus");
    assert_eq!(answered, status, "{path}");
}

#[test]
fn no_page_is_wider_than_the_window() {
    let Some(reader) = Reader::arrives() else {
        return;
    };
    let mut wide = Vec::new();
    for (path, status) in pages(&reader) {
        opens(&reader, &path, status);
        for unfolded in [false, true] {
            if unfolded {
                reader.browser.run(
                    "for (const fold of document.querySelectorAll('details')) fold.open = true",
                );
            }
            for width in [320, 360, 768, 1280] {
                reader.browser.set_width(width);
                assert_eq!(reader.finds::<u32>("innerWidth"), width);
                let (needed, given): (u32, u32) = reader.finds(
                    "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
                );
                if needed > given {
                    let folds = if unfolded {
                        ", everything unfolded"
                    } else {
                        ""
                    };
                    wide.push(format!(
                        "{path} needs {needed} of {given} px in a window of {width} px{folds}"
                    ));
                }
            }
        }
    }
    assert!(wide.is_empty(), "{wide:#?}");
}

#[test]
fn no_page_writes_to_the_console() {
    let Some(reader) = Reader::arrives() else {
        return;
    };
    for (path, status) in pages(&reader) {
        opens(&reader, &path, status);
        let mut console = reader.browser.console();
        // The browser itself notes that the page it was sent to does not exist.
        let missing = format!(
            "{}{path} - Failed to load resource: the server responded with a status of 404 (Not Found)",
            reader.site.origin
        );
        console.retain(|line| status == 200 || *line != missing);
        assert!(console.is_empty(), "{path}: {console:#?}");
    }
    // What the page's policy forbids is heard, so the silence above means something.
    reader
        .browser
        .run("document.body.setAttribute('onclick', 'alert()')");
    assert!(!reader.browser.console().is_empty());
}

#[test]
fn no_page_asks_another_host_or_leaves_a_cookie() {
    let Some(reader) = Reader::arrives() else {
        return;
    };
    for (path, status) in pages(&reader) {
        opens(&reader, &path, status);
        let loaded: Vec<String> =
            reader.finds("performance.getEntriesByType('resource').map((entry) => entry.name)");
        assert!(!loaded.is_empty(), "{path} has no style");
        let own = format!("{}/", reader.site.origin);
        for address in loaded {
            assert!(address.starts_with(&own), "{path} loads {address}");
        }
        assert_eq!(reader.browser.cookies(), json!([]), "{path}");
        assert_eq!(reader.finds::<String>("document.cookie"), "", "{path}");
    }
}
