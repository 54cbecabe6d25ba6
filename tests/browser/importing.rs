//! Importing a file through the screen, as an editor does it.

use crate::support::Reader;

const SURVEY: &str = "Посада;Зарплата, $;Дата;Рівень\n\
    Back-end розробка;4000;31.12.2024;Senior\n\
    Back-end розробка;5000;30.12.2024;Senior\n\
    Пекар;4000;26.12.2024;Senior\n";

/// Gives the upload form a file.
fn chooses(editor: &Reader, name: &str, content: &str) {
    editor.browser.run(&format!(
        "const files = new DataTransfer();
         files.items.add(new File([{content:?}], {name:?}));
         const input = document.querySelector('input[type=file]');
         input.files = files.files;
         input.dispatchEvent(new Event('change', {{ bubbles: true }}));"
    ));
}

fn fills(editor: &Reader, name: &str, text: &str) {
    editor.browser.run(&format!(
        "document.getElementsByName({name:?})[0].value = {text:?};"
    ));
}

/// Clicks on the main button of the form with that field, and waits for a heading.
fn goes_on(editor: &Reader, button: &str, heading: &str) {
    editor.clicks(button);
    editor.waits_until(&format!(
        "document.readyState === 'complete' && document.querySelector('h1').textContent.includes({heading:?})"
    ));
}

/// What holds for every page of the screen, at a phone's width.
fn fits(editor: &Reader) {
    editor
        .browser
        .run("for (const fold of document.querySelectorAll('details')) fold.open = true");
    for width in [320, 360, 1280] {
        editor.browser.set_width(width);
        let (needed, given): (u32, u32) = editor
            .finds("[document.documentElement.scrollWidth, document.documentElement.clientWidth]");
        let page: String = editor.finds("location.pathname");
        assert!(needed <= given, "{page} needs {needed} of {width}");
    }
}

#[test]
fn a_file_is_mapped_by_hand_imported_and_undone() {
    let Some(editor) = Reader::arrives() else {
        return;
    };
    editor.signs_in_as("Ada");
    editor.opens("/admin/imports");
    chooses(&editor, "survey.csv", SURVEY);
    fits(&editor);
    goes_on(&editor, "form[data-upload] button", "survey.csv: columns");
    fits(&editor);
    fills(&editor, "source_pay", "net");
    fills(&editor, "source_slug", "by-hand");
    goes_on(
        &editor,
        "form[action$=mapping] button.primary",
        "survey.csv: values",
    );
    fits(&editor);
    goes_on(&editor, "form[action$=values] button.primary", "survey.csv");
    editor.waits_until("document.body.textContent.includes('What would happen')");
    fits(&editor);
    goes_on(&editor, "form[action$='/import'] button", "survey.csv");
    editor.waits_until("document.body.textContent.includes('What it did')");
    fits(&editor);
    editor.opens("/salaries/back-end-web.json?pay=net");
    editor.opens("/admin/imports");
    fits(&editor);
    editor.clicks("table a[href^='/admin/imports/']");
    goes_on(&editor, "form[action$=undo] button", "survey.csv");
    editor.waits_until("document.body.textContent.includes('It was undone on')");
    assert_eq!(editor.browser.console(), Vec::<String>::new());
}

#[test]
fn a_file_that_is_too_large_is_refused_before_it_is_sent() {
    let Some(editor) = Reader::arrives() else {
        return;
    };
    editor.signs_in_as("Ada");
    editor.opens("/admin/imports");
    editor.opens("/admin/imports");
    editor
        .browser
        .run("Object.defineProperty(File.prototype, 'size', { get: () => 2 ** 40 });");
    chooses(&editor, "large.csv", SURVEY);
    assert!(editor.sees("#file-problem").contains("larger than 512 MB"));
    editor.clicks("form[data-upload] button");
    editor.gets_to("/admin/imports");
}
