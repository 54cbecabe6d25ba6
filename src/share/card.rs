//! What stands on a share image.

use std::borrow::Cow;

use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

use crate::market::PayBasis;
use crate::salaries::{Figures, Report, Window};
use crate::web::{ShareImage, Site};

/// One more whenever images look different for the same content: the addresses of all of them change.
const EDITION: u8 = 1;

/// What stands on a share image: all that its picture is made from.
#[derive(Clone, Debug, Serialize)]
pub struct Card<'a> {
    /// The site's name.
    pub(super) site: &'a str,
    /// Where the site is, for a name that no font here can write.
    #[serde(skip)]
    pub(super) site_url: &'a str,
    /// The path of the page, for a title that no font here can write. It begins the image's own address.
    #[serde(skip)]
    path: Cow<'a, str>,
    /// What the page is about.
    pub(super) title: Cow<'a, str>,
    /// What sort of page it is, or which months its figures cover.
    pub(super) kicker: Cow<'a, str>,
    /// Whose or what it is, in small; with figures, of whom they are. May be empty.
    pub(super) note: Cow<'a, str>,
    /// The figures that are drawn.
    pub(super) figured: Option<Figured<'a>>,
}

/// Figures on a share image.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Figured<'a> {
    /// The figures.
    pub figures: &'a Figures,
    /// The months that they cover.
    pub window: Window,
    /// Before or after taxes.
    pub pay: PayBasis,
    /// Whether they are what the page is about, and large; else they stand below its title.
    pub lead: bool,
}

impl<'a> Figured<'a> {
    /// Those of a report, where they are published.
    #[must_use]
    pub fn of(report: &'a Report, lead: bool) -> Option<Self> {
        Some(Self {
            figures: report.figures.as_ref()?,
            window: report.window?,
            pay: report.pay,
            lead,
        })
    }
}

impl<'a> Card<'a> {
    /// The image of a page: its path, its title, and what sort of page it is.
    #[must_use]
    pub fn new(
        site: &'a Site,
        path: impl Into<Cow<'a, str>>,
        title: impl Into<Cow<'a, str>>,
        kicker: impl Into<Cow<'a, str>>,
    ) -> Self {
        Self {
            site: &site.name,
            site_url: &site.url,
            path: path.into(),
            title: title.into(),
            kicker: kicker.into(),
            note: Cow::Borrowed(""),
            figured: None,
        }
    }

    /// The same with a line in small.
    #[must_use]
    pub fn with_note(self, note: impl Into<Cow<'a, str>>) -> Self {
        Self {
            note: note.into(),
            ..self
        }
    }

    /// The same with figures.
    #[must_use]
    pub fn with_figures(self, figured: Option<Figured<'a>>) -> Self {
        Self { figured, ..self }
    }

    /// Names all that is drawn: two images with the same tag look alike.
    #[must_use]
    pub fn tag(&self) -> String {
        let drawn = postcard::to_stdvec(&(EDITION, self)).unwrap_or_default();
        format!("{:016x}", xxh3_64(&drawn))
    }

    /// The image as a page's tags name it, at an address that has no tag yet.
    #[must_use]
    pub fn image(&self, address: &str) -> ShareImage {
        let separator = if address.contains('?') { '&' } else { '?' };
        ShareImage {
            address: format!("{address}{separator}v={}", self.tag()),
            alt: self.alt(),
        }
    }

    /// The title in letters that every font has: the words of the page's address.
    pub(super) fn spelled(&self) -> String {
        let path = self.path.trim_start_matches('/');
        let words = path.split_once('/').map_or(path, |(_, words)| words);
        words.replace('/', ", ").replace('-', " ")
    }

    /// What it shows, for those who do not see it.
    fn alt(&self) -> String {
        let Some(figured) = &self.figured else {
            return format!("{}: {}", self.site, self.title);
        };
        let percentiles = &figured.figures.percentiles;
        format!(
            "{}. Histogram of {}, {}: the median salary expectation is {} a month.",
            self.title,
            figured.figures.counted(),
            figured.window,
            percentiles.median
        )
    }
}
