//! The admin's frame: what is around every page below `/admin`, and its first page. It knows no feature's inside.

mod dashboard;

use actix_web::{HttpRequest, web};

use crate::editors::Editor;
use crate::web::notices::Notice;

/// A part of the admin, as the navigation names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// What there is to do.
    Dashboard,
    /// Articles.
    Articles,
    /// Images.
    Images,
    /// Offers, one by one.
    Offers,
    /// Files of offers.
    Imports,
    /// Where offers come from.
    Sources,
    /// Roles.
    Roles,
    /// Technologies.
    Technologies,
    /// What the newsletter says.
    Issues,
    /// Who gets the newsletter.
    Subscribers,
    /// Who may write; for administrators.
    Accounts,
    /// Who did what.
    Log,
    /// The account of whoever is signed in.
    Me,
}

impl Section {
    /// Its first page.
    #[must_use]
    pub const fn href(self) -> &'static str {
        match self {
            Self::Dashboard => "/admin",
            Self::Articles => "/admin/articles",
            Self::Images => "/admin/images",
            Self::Offers => "/admin/offers",
            Self::Imports => "/admin/imports",
            Self::Sources => "/admin/sources",
            Self::Roles => "/admin/roles",
            Self::Technologies => "/admin/technologies",
            Self::Issues => "/admin/issues",
            Self::Subscribers => "/admin/subscribers",
            Self::Accounts => "/admin/accounts",
            Self::Log => "/admin/log",
            Self::Me => "/admin/me",
        }
    }

    /// What the navigation calls it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Dashboard => "Dashboard",
            Self::Articles => "Articles",
            Self::Images => "Images",
            Self::Offers => "Offers",
            Self::Imports => "Imports",
            Self::Sources => "Sources",
            Self::Roles => "Roles",
            Self::Technologies => "Technologies",
            Self::Issues => "Issues",
            Self::Subscribers => "Subscribers",
            Self::Accounts => "Accounts",
            Self::Log => "Log",
            Self::Me => "My account",
        }
    }
}

/// What the frame shows: who is signed in, where they are, and what was just done.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Who is signed in.
    pub editor: Editor,
    /// Where they are.
    pub section: Section,
    /// What was just done.
    pub notice: Option<Notice>,
}

impl Frame {
    /// The frame of a page.
    #[must_use]
    pub fn of(editor: &Editor, request: &HttpRequest, section: Section) -> Self {
        Self {
            editor: editor.clone(),
            section,
            notice: Notice::of(request),
        }
    }

    /// The navigation: headings, with what stands below each. The first has none.
    #[must_use]
    pub fn navigation(&self) -> Vec<(&'static str, Vec<Section>)> {
        let mut site = vec![Section::Log];
        if self.editor.is_admin() {
            site.insert(0, Section::Accounts);
        }
        vec![
            ("", vec![Section::Dashboard]),
            ("Writing", vec![Section::Articles, Section::Images]),
            (
                "Data",
                vec![
                    Section::Imports,
                    Section::Offers,
                    Section::Sources,
                    Section::Roles,
                    Section::Technologies,
                ],
            ),
            ("Newsletter", vec![Section::Issues, Section::Subscribers]),
            ("Site", site),
        ]
    }
}

/// The frame's own pages, relative to `/admin`.
pub fn admin_routes(config: &mut web::ServiceConfig) {
    config.configure(dashboard::admin_routes);
}
