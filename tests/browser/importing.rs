//! Importing a file through the screen, as an editor does it.

use payband::import::{self, Profile};
use serde_json::json;

use crate::support::{Reader, shared};

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
    editor.opens("/admin/imports");
    fits(&editor);
    undoes(&editor, "survey.csv");
    assert_eq!(editor.browser.console(), Vec::<String>::new());
}

/// Undoes the newest import, from the list of all.
fn undoes(editor: &Reader, name: &str) {
    editor.opens("/admin/imports");
    editor.clicks("table a[href^='/admin/imports/']:not([href*=jobs])");
    goes_on(editor, "form[action$=undo] button", name);
    editor.waits_until("document.body.textContent.includes('It was undone on')");
}

/// What the headline of the salary page of a role says, net.
fn headline(editor: &Reader) -> String {
    editor.opens("/salaries/back-end-web?pay=net");
    editor.sees(".headline")
}

#[test]
fn a_real_survey_is_mapped_by_hand_seen_on_the_salary_page_and_undone() {
    let (Some(file), Some(profile)) = (
        shared("data/dou-2024-12.csv"),
        shared("data/dou-2024-12.toml"),
    ) else {
        return;
    };
    let Some(editor) = Reader::arrives() else {
        return;
    };
    let profile: Profile = import::read_profile(&profile).unwrap();
    editor.signs_in_as("Ada");
    let before = headline(&editor);
    editor.opens("/admin/imports");
    chooses(&editor, "dou.csv", &std::fs::read_to_string(file).unwrap());
    goes_on(&editor, "form[data-upload] button", "dou.csv: columns");
    let columns: serde_json::Map<String, serde_json::Value> = profile
        .columns
        .iter()
        .flat_map(|(field, headers)| {
            let name = field.name();
            (1..)
                .zip(headers)
                .map(move |(n, header)| (format!("column.{name}.{n}"), json!(header)))
        })
        .collect();
    editor.browser.run(&format!(
        "const headers = {};
         const plain = (text) => text.replace(/\\s+/g, ' ').trim();
         for (const column of document.querySelectorAll('select[name^=column]')) {{
           const wanted = headers[column.name];
           column.value = wanted ? [...column.options].find((it) => plain(it.value) === plain(wanted)).value : '';
         }}",
        json!(columns)
    ));
    for (name, text) in [
        ("source_pay", "net"),
        ("constant.country", "UA"),
        ("date_format", "%Y-%m-%d %H:%M:%S"),
    ] {
        fills(&editor, name, text);
    }
    goes_on(
        &editor,
        "form[action$=mapping] button.primary",
        "dou.csv: values",
    );
    let meant: serde_json::Map<String, serde_json::Value> = profile
        .values
        .iter()
        .map(|(field, table)| (field.name().to_owned(), json!(table)))
        .collect();
    editor.browser.run(&format!(
        "const meant = {};
         let raw;
         for (const field of document.querySelector('form[action$=values]').elements) {{
           const [what, name] = field.name.split('.');
           if (what === 'raw') raw = field.value;
           if (what === 'mode') field.checked = field.value === 'listed';
           if (what === 'value') field.value = meant[name]?.[raw] ?? '';
         }}",
        json!(meant)
    ));
    goes_on(&editor, "form[action$=values] button.primary", "dou.csv");
    editor.waits_until("document.body.textContent.includes('What would happen')");
    goes_on(&editor, "form[action$='/import'] button", "dou.csv");
    editor.waits_until("document.body.textContent.includes('What it did')");
    let after = headline(&editor);
    assert_ne!(after, before);
    undoes(&editor, "dou.csv");
    assert_eq!(headline(&editor), before);
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
