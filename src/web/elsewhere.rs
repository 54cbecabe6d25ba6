//! Texts of the site that are read elsewhere: in feeds.

/// A text for readers elsewhere: addresses are whole ones, and drawings, which need the site's own styles, are left out. The
/// text is well-formed HTML with double quotes, as sanitised Markdown and templates are.
#[must_use]
pub fn html(text: &str, site_url: &str, page_url: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        if is_drawing(after) {
            rest = after.split_once("</svg>").map_or("", |(_, after)| after);
            continue;
        }
        let length = tag_length(after);
        let (tag, after) = after.split_at_checked(length).unwrap_or((after, ""));
        out.push('<');
        for (place, part) in tag.split('"').enumerate() {
            // Every other part is the value of an attribute, and the part before it ends with its name.
            if place > 0 {
                out.push('"');
            }
            let is_value = place % 2 == 1;
            if is_value && (out.ends_with(" href=\"") || out.ends_with(" src=\"")) {
                push_address(&mut out, part, site_url, page_url);
            } else if is_value && out.ends_with(" srcset=\"") {
                let addresses = part.split(',').map(str::trim_start);
                for (place, address) in addresses.enumerate() {
                    out.push_str(if place > 0 { ", " } else { "" });
                    push_address(&mut out, address, site_url, page_url);
                }
            } else {
                out.push_str(part);
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn is_drawing(tag: &str) -> bool {
    tag.strip_prefix("svg")
        .is_some_and(|rest| rest.starts_with([' ', '>']))
}

/// Bytes of a tag up to its end, which does not stand within quotes.
fn tag_length(tag: &str) -> usize {
    let mut is_quoted = false;
    for (place, byte) in tag.bytes().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'>' if !is_quoted => return place + 1,
            _ => {}
        }
    }
    tag.len()
}

fn push_address(out: &mut String, address: &str, site_url: &str, page_url: &str) {
    if address.starts_with('#') {
        out.push_str(page_url);
    } else if address.starts_with('/') && !address.starts_with("//") {
        out.push_str(site_url);
    }
    out.push_str(address);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there(text: &str) -> String {
        html(
            text,
            "https://jobs.example",
            "https://jobs.example/articles/a",
        )
    }

    #[test]
    fn addresses_are_whole_ones() {
        for (here, elsewhere) in [
            (
                "<a href=\"/salaries\" title=\"href=\">x</a>",
                "<a href=\"https://jobs.example/salaries\" title=\"href=\">x</a>",
            ),
            (
                "<a href=\"#part\">x</a>",
                "<a href=\"https://jobs.example/articles/a#part\">x</a>",
            ),
            (
                "<img alt=\"a > b\" src=\"/images/a.webp\" srcset=\"/images/a.webp 1x, /images/b.webp 2x\">",
                "<img alt=\"a > b\" src=\"https://jobs.example/images/a.webp\" srcset=\"https://jobs.example/images/a.webp 1x, \
                 https://jobs.example/images/b.webp 2x\">",
            ),
        ] {
            assert_eq!(there(here), elsewhere);
        }
        for same in [
            "<a href=\"https://example.org/\">x</a>",
            "<a href=\"mailto:a@example.org\">x</a>",
            "<code>&lt;a href=\"/x\"&gt;</code>",
            "1 &lt; 2",
            "",
            "<",
            "\u{20ac} <b data-href=\"/x\">\u{20ac}</b>",
        ] {
            assert_eq!(there(same), same);
        }
    }

    #[test]
    fn drawings_are_left_out() {
        assert_eq!(
            there(
                "<figure><svg class=\"chart\"><path d=\"\"/></svg><figcaption>5 offers</figcaption></figure>"
            ),
            "<figure><figcaption>5 offers</figcaption></figure>"
        );
        assert_eq!(there("<svgs>"), "<svgs>");
    }
}
