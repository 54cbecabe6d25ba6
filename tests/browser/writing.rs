//! Writing an article, as an editor does it.

use std::time::Duration;

use crate::support::Reader;

/// Puts text into a field as if it were typed.
fn fills(editor: &Reader, name: &str, text: &str) {
    let script = format!(
        "const field = document.querySelector('form[data-editor]').elements.namedItem({name:?});
         field.focus();
         field.value = {text:?};
         field.dispatchEvent(new InputEvent('input', {{ bubbles: true }}));"
    );
    editor.browser.run(&script);
}

fn waits_until_kept(editor: &Reader) {
    editor.waits_until(
        "document.querySelector('[data-saved]').textContent.includes('kept as you type')",
    );
}

const PREVIEW: &str = "document.querySelector('iframe[name=preview]').contentDocument";

/// Writes an article of that title and publishes it.
fn publishes(editor: &Reader, title: &str, body: &str) -> String {
    editor.opens("/admin/articles/new?role=back-end-web&technology=django&kind=guide");
    fills(editor, "title", title);
    fills(editor, "summary", "What it is about, in a sentence.");
    fills(
        editor,
        "description",
        "What a search engine says of it: a sentence or two, neither too short nor too long.",
    );
    fills(editor, "body", body);
    editor.clicks("button[formaction$='wish=publish']");
    editor.waits_until("!!document.querySelector('.notice')?.textContent.includes('Published')");
    editor.finds("location.pathname")
}

#[test]
fn an_article_is_written_kept_previewed_published_and_given_another_address() {
    let Some(editor) = Reader::arrives() else {
        return;
    };
    editor.signs_in_as("Ada");
    editor.opens("/admin/articles/new?role=back-end-web&technology=django&kind=guide");
    fills(&editor, "title", "What a tester does");
    fills(&editor, "summary", "A tester tests.");
    fills(
        &editor,
        "description",
        "What testers do all day, and what they are paid for it in the end.",
    );
    fills(&editor, "body", "## Every day\n\n");
    editor.waits_until("document.querySelector('#slug').placeholder === 'what-a-tester-does'");
    // By the keyboard: a word in bold.
    editor.browser.run("const body = document.querySelector('#body'); body.setSelectionRange(body.value.length, body.value.length)");
    editor.types("A tester tests.");
    editor.browser.run("const body = document.querySelector('#body'); body.setSelectionRange(body.value.length - 6, body.value.length - 1)");
    editor.clicks("[data-toolbar] button");
    assert_eq!(
        editor.finds::<String>("document.querySelector('#body').value"),
        "## Every day\n\nA tester **tests**."
    );
    assert!(editor.sees("[data-counts]").starts_with("5 words"));
    // The preview follows.
    editor.waits_until(&format!(
        "{PREVIEW}.querySelector('.prose strong')?.textContent === 'tests'"
    ));
    waits_until_kept(&editor);
    // What was typed is found again, and goes on.
    editor.opens("/admin/articles/new");
    editor.waits_until(
        "!!document.querySelector('.offer')?.textContent.includes('What a tester does')",
    );
    editor.clicks(".offer a");
    editor.waits_until("document.querySelector('#body').value.includes('**tests**')");
    editor.clicks("button[formaction$='wish=publish']");
    editor.waits_until("!!document.querySelector('.notice')?.textContent.includes('Published')");
    let form: String = editor.finds("location.pathname");
    editor.opens("/salaries/back-end-web/django");
    editor.waits_until("!!document.querySelector('article#what-a-tester-does .prose strong')");
    // Another address.
    editor.opens(&form);
    fills(&editor, "slug", "testers");
    editor.clicks("button.primary");
    editor.waits_until(
        "!!document.querySelector('.notice')?.textContent.includes('visitors see the change')",
    );
    editor.opens("/articles/what-a-tester-does");
    editor.gets_to("/articles/testers");
    assert_eq!(editor.browser.console(), Vec::<String>::new());
}

#[test]
fn two_editors_meet_and_a_revision_comes_back() {
    let Some(editor) = Reader::arrives() else {
        return;
    };
    let bob = editor.site.session_of("Bob");
    let ada = editor.signs_in_as("Ada");
    let form = publishes(&editor, "Meeting", "One.\n\nTwo.\n\nThree.");
    // Bob opens the form; Ada saves meanwhile.
    editor.goes_on_with(&bob);
    editor.opens(&form);
    let revision: String = editor.finds("document.querySelector('[name=revision]').value");
    editor.goes_on_with(&ada);
    editor.opens(&form);
    fills(&editor, "body", "One of Ada.\n\nTwo.\n\nThree.");
    editor.clicks("button.primary");
    editor.waits_until("!!document.querySelector('.notice')?.textContent.includes('Saved')");
    editor.goes_on_with(&bob);
    editor.opens(&form);
    editor.browser.run(&format!(
        "document.querySelector('[name=revision]').value = {revision:?}"
    ));
    fills(&editor, "body", "One of Bob.\n\nTwo.\n\nThree of Bob.");
    editor.waits_until(
        "document.querySelector('[data-saved]').textContent.includes('Ada saved another version')",
    );
    editor.clicks("button.primary");
    editor.waits_until("!!document.querySelector('.clash')");
    assert!(editor.sees(".clash").contains("Ada saved another version"));
    let merged: String = editor.finds("document.querySelector('#body').value");
    assert!(
        merged.contains("One of Ada.")
            && merged.contains("One of Bob.")
            && merged.ends_with("Three of Bob."),
        "{merged}"
    );
    editor.clicks(".choose button");
    editor.waits_until("!!document.querySelector('.notice')?.textContent.includes('Saved')");
    editor.opens("/articles/meeting");
    assert!(editor.sees(".prose").contains("One of Bob."));
    // The first text comes back.
    editor.opens(&format!("{form}/revisions"));
    editor.clicks(".history tr:last-child button");
    editor.waits_until("!!document.querySelector('.notice')?.textContent.includes('is back')");
    editor.opens("/articles/meeting");
    assert!(
        editor.sees(".prose").starts_with("One.\n"),
        "{}",
        editor.sees(".prose")
    );
}

#[test]
fn formatted_text_is_pasted_as_markdown() {
    let Some(editor) = Reader::arrives() else {
        return;
    };
    editor.signs_in_as("Ada");
    editor.opens("/admin/articles/new");
    editor.waits_until("!document.querySelector('[data-toolbar]').hidden");
    for (html, markdown) in [
        (
            "<h1>One</h1><p>a <b>b</b> and <i>c </i>d</p>",
            "## One\n\na **b** and *c* d",
        ),
        (
            "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>",
            "- a\n  - b\n- c",
        ),
        (
            "<ol start=3><li><p>a</p></li><li><p>b</p></li></ol>",
            "3. a\n4. b",
        ),
        (
            "<p>See <a href='https://example.org/a b'>this</a>, <a href='javascript:x()'>not</a></p>",
            "See [this](https://example.org/a%20b), not",
        ),
        (
            "<table><tr><th>a</th><th>b</th></tr><tr><td>1|2</td><td><b>3</b></td></tr></table>",
            "| a | b |\n| --- | --- |\n| 1\\|2 | **3** |",
        ),
        (
            "<pre><code class='language-python'>x = 1\ny = 2\n</code></pre><p><code>a`b</code></p>",
            "```python\nx = 1\ny = 2\n```\n\n`` a`b ``",
        ),
        (
            "<b style='font-weight:normal'><p><span style='font-weight:700'>Docs</span> text</p><p>two</p></b>",
            "**Docs** text\n\ntwo",
        ),
        (
            "<blockquote><p>a</p><p>b</p></blockquote><script>alert(1)</script>",
            "> a\n>\n> b",
        ),
        (
            "<p>1. no list * no emphasis</p><p># no heading</p>",
            "1\\. no list \\* no emphasis\n\n\\# no heading",
        ),
    ] {
        let script = format!(
            "const body = document.querySelector('#body');
             body.focus();
             body.select();
             const data = new DataTransfer();
             data.setData('text/html', {html:?});
             data.setData('text/plain', 'plain');
             body.dispatchEvent(new ClipboardEvent('paste', {{ clipboardData: data, bubbles: true, cancelable: true }}));
             return body.value;"
        );
        assert_eq!(editor.browser.run(&script), markdown, "{html}");
    }
}

#[test]
fn text_survives_being_signed_out() {
    let Some(editor) = Reader::arrives() else {
        return;
    };
    let token = editor.signs_in_as("Ada");
    editor.opens("/admin/articles/new?kind=news");
    editor.goes_on_with("0");
    fills(&editor, "title", "Signed out");
    fills(&editor, "body", "Not lost.");
    editor.waits_until(
        "document.querySelector('[data-saved]').textContent.includes('You are signed out')",
    );
    // Saving leaves the text where it is.
    editor.clicks("button.primary");
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(
        editor.finds::<String>("document.querySelector('#body').value"),
        "Not lost."
    );
    editor.goes_on_with(&token);
    editor.clicks("button.primary");
    editor.waits_until(
        "!!document.querySelector('.notice')?.textContent.includes('Saved as a draft')",
    );
}

#[test]
fn an_article_is_written_without_javascript() {
    let Some(editor) = Reader::arrives_without_javascript() else {
        return;
    };
    editor.signs_in_as("Ada");
    editor.opens("/admin/articles/new?kind=news");
    editor.clicks("#title");
    editor.types("Plain");
    editor.clicks("#body");
    editor.types("Some *text*.");
    editor.clicks("button.primary");
    assert!(editor.sees(".notice").contains("Saved as a draft."));
    let address = editor.browser.address();
    editor.browser.go(&format!("{address}/preview"));
    assert!(editor.sees(".prose").contains("Some text."));
}

#[test]
fn a_pasted_picture_is_described_uploaded_and_shown() {
    let Some(editor) = Reader::arrives() else {
        return;
    };
    editor.signs_in_as("Ada");
    editor.opens("/admin/articles/new");
    editor.browser.run(
        "const canvas = document.createElement('canvas');
         [canvas.width, canvas.height] = [600, 400];
         canvas.getContext('2d').fillRect(0, 0, 600, 400);
         canvas.toBlob((blob) => {
           const data = new DataTransfer();
           data.items.add(new File([blob], 'desk.png', { type: 'image/png' }));
           const body = document.querySelector('#body');
           body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
         });",
    );
    editor.waits_until("!!document.querySelector('dialog[open]')");
    editor.types("A desk");
    editor.clicks("dialog button.primary");
    editor.waits_until("document.querySelector('#body').value.startsWith('![A desk](/images/')");
    editor.waits_until(&format!(
        "{PREVIEW}?.querySelector('.prose img')?.naturalWidth > 0"
    ));
}
