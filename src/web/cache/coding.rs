//! Content codings: which one a client wants, and compressing.

use std::io::Write;

use actix_web::http::header::HeaderValue;
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

/// A content coding that pages are kept in, the better one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Brotli,
    Gzip,
}

/// How much a client wants each coding, thousandths; 0 is not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wishes {
    brotli: Option<u16>,
    gzip: Option<u16>,
    identity: Option<u16>,
    any: Option<u16>,
}

/// The coding to answer in, of those that are there; `None` is the identity. That one is also the answer to clients who
/// refuse everything.
pub(super) fn choose<'a>(
    accepted: impl Iterator<Item = &'a HeaderValue>,
    brotli: bool,
    gzip: bool,
) -> Option<Coding> {
    let wishes = Wishes::read(accepted);
    let wish = |named: Option<u16>| named.or(wishes.any).unwrap_or(0);
    let brotli = if brotli { wish(wishes.brotli) } else { 0 };
    let gzip = if gzip { wish(wishes.gzip) } else { 0 };
    // Not named, the identity is acceptable, and less than anything that is named.
    let identity = wishes.identity.or(wishes.any).unwrap_or(1);
    if brotli > 0 && brotli >= gzip && brotli >= identity {
        Some(Coding::Brotli)
    } else if gzip > 0 && gzip >= identity {
        Some(Coding::Gzip)
    } else {
        None
    }
}

impl Wishes {
    /// Reads the values of `Accept-Encoding`.
    fn read<'a>(accepted: impl Iterator<Item = &'a HeaderValue>) -> Self {
        let mut wishes = Self {
            brotli: None,
            gzip: None,
            identity: None,
            any: None,
        };
        for list in accepted {
            for element in list.as_bytes().split(|byte| *byte == b',') {
                wishes.add(element);
            }
        }
        wishes
    }

    fn add(&mut self, element: &[u8]) {
        let mut parts = element.split(|byte| *byte == b';');
        let name = parts.next().unwrap_or_default().trim_ascii();
        let is = |coding: &str| name.eq_ignore_ascii_case(coding.as_bytes());
        let wish = if is("br") {
            &mut self.brotli
        } else if is("gzip") || is("x-gzip") {
            &mut self.gzip
        } else if is("identity") {
            &mut self.identity
        } else if name == b"*" {
            &mut self.any
        } else {
            return;
        };
        *wish = Some(parts.next().map_or(1000, weight));
    }
}

/// A parameter such as `q=0.5` in thousandths; 0 where it cannot be read.
fn weight(parameter: &[u8]) -> u16 {
    let digits = match parameter.trim_ascii() {
        [b'q' | b'Q', b'=', b'1', b'.', rest @ ..] if rest.iter().all(|digit| *digit == b'0') => {
            return 1000;
        }
        [b'q' | b'Q', b'=', b'1'] => return 1000,
        [b'q' | b'Q', b'=', b'0', b'.', digits @ ..] if digits.len() <= 3 => digits,
        _ => return 0,
    };
    let place = [100, 10, 1];
    if !digits.iter().all(u8::is_ascii_digit) {
        return 0;
    }
    let thousandths = digits.iter().zip(place);
    thousandths
        .map(|(digit, place)| u16::from(digit - b'0') * place)
        .sum()
}

/// Compresses with gzip; `None` where that saves nothing.
pub(super) fn gzip(body: &[u8]) -> Option<Box<[u8]>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::new(6));
    encoder.write_all(body).ok()?;
    smaller(encoder.finish().ok()?, body)
}

/// Compresses with brotli, at a quality from 0 to 11; `None` where that saves nothing.
pub(super) fn brotli(body: &[u8], quality: i32) -> Option<Box<[u8]>> {
    let parameters = BrotliEncoderParams {
        quality,
        size_hint: body.len(),
        lgwin: window(body.len()),
        ..BrotliEncoderParams::default()
    };
    let mut out = Vec::with_capacity(body.len() / 4);
    let mut body_left = body;
    brotli::BrotliCompress(&mut body_left, &mut out, &parameters).ok()?;
    smaller(out, body)
}

/// Bits of the window for a body of so many bytes: as few as hold it, for the window needs memory. With fewer than 17 the
/// encoder searches in another way, which needs 32 MB and ten times as long.
fn window(bytes: usize) -> i32 {
    i32::try_from(usize::BITS - bytes.leading_zeros()).map_or(22, |bits| bits.clamp(17, 22))
}

fn smaller(compressed: Vec<u8>, body: &[u8]) -> Option<Box<[u8]>> {
    (compressed.len() < body.len()).then(|| compressed.into_boxed_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(accepted: &[&str]) -> &'static str {
        let values: Vec<HeaderValue> = accepted
            .iter()
            .map(|value| HeaderValue::from_str(value).unwrap())
            .collect();
        match choose(values.iter(), true, true) {
            Some(Coding::Brotli) => "br",
            Some(Coding::Gzip) => "gzip",
            None => "identity",
        }
    }

    #[test]
    fn the_best_wanted_coding_is_chosen() {
        for (accepted, chosen) in [
            ("gzip, deflate, br, zstd", "br"),
            ("gzip, deflate", "gzip"),
            ("x-gzip", "gzip"),
            ("BR", "br"),
            ("deflate, zstd", "identity"),
            ("", "identity"),
            ("br;q=0.5, gzip;q=0.9", "gzip"),
            ("br;q=0.5, gzip;q=0.5", "br"),
            ("gzip;q=0.001", "gzip"),
            ("gzip ; q=1.000 , br;q=0.999", "gzip"),
            ("br;q=0, gzip;q=0", "identity"),
            ("*", "br"),
            ("*;q=0", "identity"),
            ("br;q=0, *", "gzip"),
            ("*;q=0.1, gzip;q=0.2", "gzip"),
            ("identity;q=0", "identity"),
            ("identity;q=0, gzip;q=0.1", "gzip"),
            ("identity, gzip;q=0.5", "identity"),
            ("identity;q=0.5, br;q=0.5", "br"),
            ("br;q=1.5", "identity"),
            ("br;q=high, gzip", "gzip"),
            ("brotli, bread", "identity"),
            (",,gzip,", "gzip"),
        ] {
            assert_eq!(choice(&[accepted]), chosen, "{accepted}");
        }
        assert_eq!(choice(&[]), "identity");
        assert_eq!(choice(&["gzip", "br;q=0.5"]), "gzip");
    }

    #[test]
    fn only_what_is_there_is_chosen() {
        let all = HeaderValue::from_static("br, gzip");
        assert_eq!(choose([&all].into_iter(), false, true), Some(Coding::Gzip));
        assert_eq!(choose([&all].into_iter(), false, false), None);
    }

    #[test]
    fn a_body_that_does_not_shrink_is_left_as_it_is() {
        assert_eq!(gzip(b"a"), None);
        assert_eq!(brotli(b"a", 5), None);
        let text = "what repeats, ".repeat(1000);
        assert!(gzip(text.as_bytes()).unwrap().len() < 200);
        assert!(brotli(text.as_bytes(), 11).unwrap().len() < 200);
    }
}
