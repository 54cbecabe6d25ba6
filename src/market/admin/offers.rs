//! `/admin/offers`: finding offers, adding one, correcting it, saying what became of it, removing it.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, Utc};
use serde::Deserialize;

use super::offer_form::{Choices, Options, Typed};
use super::{conclude, in_form};
use crate::admin::{Frame, Section};
use crate::db::{Conn, Db};
use crate::editors::Editor;
use crate::editors::log::Thing;
use crate::error::AppError;
use crate::ids::{CandidateId, RoleId, SourceId, TechnologyId};
use crate::market::changes::{self, Added, ChangeError, Person};
use crate::market::find::{self, Found, Line, Place, Search, State};
use crate::market::queries;
use crate::market::{OfferStatus, Role, Skills, Source, Technology};
use crate::slug::Slug;
use crate::web::forms::{FieldErrors, FormError};
use crate::web::notices::{Notice, see_other};
use crate::web::{Meta, Site, assets, html_with, page, query_escaped};

/// Offers of a page.
const LISTED: usize = 50;

/// Technologies of a candidate that the list names.
const NAMED: usize = 4;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/offers")
                .route(page().to(list))
                .route(web::post().to(create)),
        )
        .service(web::resource("/offers/new").route(page().to(new)))
        .service(
            web::resource("/offers/{candidate}")
                .route(page().to(edit_candidate))
                .route(web::post().to(change_candidate)),
        )
        .service(
            web::resource("/offers/{candidate}/removal").route(web::post().to(remove_candidate)),
        )
        .service(
            web::resource("/offers/{candidate}/{number}")
                .route(page().to(edit_offer))
                .route(web::post().to(change_offer)),
        )
        .service(web::resource("/offers/{candidate}/{number}/status").route(web::post().to(answer)))
        .service(
            web::resource("/offers/{candidate}/{number}/removal")
                .route(web::post().to(remove_offer)),
        );
}

/// The names that offers refer to.
pub(super) struct Names {
    pub(super) sources: Vec<Source>,
    pub(super) roles: Vec<Role>,
    pub(super) technologies: Vec<Technology>,
}

impl Names {
    pub(super) fn load(conn: &mut Conn) -> diesel::QueryResult<Self> {
        Ok(Self {
            sources: queries::sources(conn)?,
            roles: queries::roles(conn)?,
            technologies: queries::technologies(conn)?,
        })
    }

    pub(super) fn role(&self, id: RoleId) -> &str {
        let role = self.roles.iter().find(|role| role.id == id);
        role.map_or("an unknown role", |role| &role.name)
    }

    pub(super) fn source(&self, id: SourceId) -> &str {
        let source = self.sources.iter().find(|source| source.id == id);
        source.map_or("an unknown source", |source| &source.name)
    }
}

/// What is searched for, as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    role: String,
    technology: String,
    source: String,
    status: String,
    key: String,
    from: String,
    to: String,
    before: String,
}

impl Asked {
    fn is_narrowed(&self) -> bool {
        let fields = self.fields();
        fields.iter().any(|(_, value)| !value.is_empty())
    }

    fn fields(&self) -> [(&'static str, &str); 7] {
        [
            ("role", self.role.trim()),
            ("technology", self.technology.trim()),
            ("source", self.source.trim()),
            ("status", self.status.trim()),
            ("key", self.key.trim()),
            ("from", self.from.trim()),
            ("to", self.to.trim()),
        ]
    }

    /// The address of the page of the list that begins there.
    fn address(&self, before: Option<Place>) -> String {
        let fields = self.fields().into_iter();
        let mut query: Vec<String> = fields
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", query_escaped(value)))
            .collect();
        query.extend(before.map(|place| format!("before={}-{}", place.candidate.0, place.number)));
        if query.is_empty() {
            return "/admin/offers".to_owned();
        }
        format!("/admin/offers?{}", query.join("&"))
    }

    fn place(&self) -> Option<Place> {
        let (candidate, number) = self.before.split_once('-')?;
        Some(Place {
            candidate: CandidateId(candidate.parse().ok()?),
            number: number.parse().ok()?,
        })
    }

    /// What it means.
    fn check(&self, names: &Names) -> Result<Search, FieldErrors> {
        let mut errors = FieldErrors::default();
        let day = |errors: &mut FieldErrors, field, typed: &str| match typed.trim() {
            "" => None,
            typed => {
                let day = typed.parse::<NaiveDate>().ok();
                if day.is_none() {
                    errors.add(field, "Write a day as 2024-05-31.");
                }
                day
            }
        };
        let (from, to) = (
            day(&mut errors, "from", &self.from),
            day(&mut errors, "to", &self.to),
        );
        let role = names
            .roles
            .iter()
            .find(|role| role.slug.as_str() == self.role);
        if role.is_none() && !self.role.is_empty() {
            errors.add("role", "There is no such role any more.");
        }
        let technologies = names.technologies.iter();
        let technology = technologies
            .clone()
            .find(|technology| technology.slug.as_str() == self.technology);
        if technology.is_none() && !self.technology.is_empty() {
            errors.add("technology", "There is no such technology any more.");
        }
        let sources = names.sources.iter();
        let source = sources
            .clone()
            .find(|source| source.slug.as_str() == self.source);
        if source.is_none() && !self.source.is_empty() {
            errors.add("source", "There is no such source any more.");
        }
        let status = match self.status.as_str() {
            "" => None,
            WITHOUT_OFFER => Some(State::WithoutOffer),
            word => {
                let status = word.parse().ok().map(State::Offer);
                if status.is_none() {
                    errors.add("status", "There is no such status.");
                }
                status
            }
        };
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Search {
            role: role.map(|role| role.id),
            technology: technology.map(|technology| technology.id),
            source: source.map(|source| source.id),
            key: self.key.trim().to_owned(),
            from,
            to,
            status,
        })
    }
}

/// What the filter of statuses calls candidates who received no offer.
const WITHOUT_OFFER: &str = "none";

#[derive(Template)]
#[template(path = "market/offers.html")]
struct List<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    asked: &'a Asked,
    choices: Filters,
    errors: FieldErrors,
    rows: Vec<ListedOffer>,
    /// Whether anything at all could be found.
    is_narrowed: bool,
    /// The address of the next page.
    next: Option<String>,
    is_first: bool,
    is_partial: bool,
    /// The address of this page, for what leads back to it.
    here: String,
}

/// What the filters' selects offer.
struct Filters {
    roles: Options,
    technologies: Options,
    sources: Options,
    statuses: Options,
}

impl Filters {
    fn new(names: &Names) -> Self {
        let pair = |value: &str, text: &str| (value.to_owned(), text.to_owned());
        let any = || [pair("", "Any")].into_iter();
        let option = |slug: &Slug, text: &str| pair(slug.as_str(), text);
        let technologies = names.technologies.iter();
        let statuses = OfferStatus::ALL.iter();
        Self {
            roles: any()
                .chain(
                    names
                        .roles
                        .iter()
                        .map(|role| option(&role.slug, &role.name)),
                )
                .collect(),
            technologies: any()
                .chain(technologies.map(|known| option(&known.slug, &known.name)))
                .collect(),
            sources: any()
                .chain(
                    names
                        .sources
                        .iter()
                        .map(|source| option(&source.slug, &source.name)),
                )
                .collect(),
            statuses: any()
                .chain(statuses.map(|status| pair(status.as_str(), status.label())))
                .chain([pair(WITHOUT_OFFER, "Candidate without an offer")])
                .collect(),
        }
    }
}

/// A row of the list.
struct ListedOffer {
    address: String,
    day: Option<NaiveDate>,
    salary: String,
    status: Option<OfferStatus>,
    role: String,
    person: String,
    skills: String,
    source: String,
    keys: String,
}

impl ListedOffer {
    fn new(line: &Line, names: &Names, technologies: &HashMap<TechnologyId, &str>) -> Self {
        let person = [
            line.seniority.map(|seniority| seniority.label().to_owned()),
            line.country.map(|country| country.label().to_owned()),
            line.english
                .map(|english| format!("English {}", english.as_str().to_uppercase())),
        ];
        let keys = [
            line.candidate_key
                .as_ref()
                .map(|key| format!("candidate {}", key.as_str())),
            line.offer_key
                .as_ref()
                .map(|key| format!("offer {}", key.as_str())),
        ];
        let salary = line.salary.or(line.expectation);
        Self {
            address: address(line.candidate, line.number),
            day: line.offered_on,
            salary: salary.map_or_else(String::new, |salary| salary.to_string()),
            status: line.status,
            role: names.role(line.role).to_owned(),
            person: person.into_iter().flatten().collect::<Vec<_>>().join(", "),
            skills: in_short(&line.skills, technologies),
            source: names.source(line.source).to_owned(),
            keys: keys.into_iter().flatten().collect::<Vec<_>>().join(", "),
        }
    }

    /// What else may become of it: the word, and what the button says.
    fn answers(&self) -> Vec<(OfferStatus, &'static str)> {
        self.status.map_or_else(Vec::new, answers)
    }
}

/// What else may become of an offer, with what the button says.
fn answers(now: OfferStatus) -> Vec<(OfferStatus, &'static str)> {
    let all = [
        (OfferStatus::Accepted, "Accept"),
        (OfferStatus::Rejected, "Reject"),
        (OfferStatus::Open, "Reopen"),
    ];
    all.into_iter()
        .filter(|(status, _)| *status != now)
        .collect()
}

/// Some of a candidate's technologies by name.
fn in_short(skills: &Skills, technologies: &HashMap<TechnologyId, &str>) -> String {
    let all = skills.technologies();
    let names = all.iter().filter_map(|id| technologies.get(id).copied());
    let mut text = names.take(NAMED).collect::<Vec<_>>().join(", ");
    if let Some(more) = all.len().checked_sub(NAMED).filter(|more| *more > 0) {
        text = format!("{text} and {more} more");
    }
    text
}

/// The page of an offer, or of a candidate without one.
pub(super) fn address(candidate: CandidateId, number: Option<i64>) -> String {
    match number {
        Some(number) => format!("/admin/offers/{}/{number}", candidate.0),
        None => format!("/admin/offers/{}", candidate.0),
    }
}

/// `GET /admin/offers`
async fn list(
    editor: Editor,
    request: HttpRequest,
    asked: web::Query<Asked>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let typed = asked.clone();
    let (names, found) = db
        .read_newest(move |conn| {
            let names = Names::load(conn)?;
            let found = match typed.check(&names) {
                Ok(search) => Ok(find::find(conn, &search, typed.place(), LISTED)?),
                Err(errors) => Err(errors),
            };
            Ok::<_, AppError>((names, found))
        })
        .await?;
    let (found, errors) = match found {
        Ok(found) => (found, FieldErrors::default()),
        Err(errors) => (Found::default(), errors),
    };
    let known = names.technologies.iter();
    let technologies: HashMap<TechnologyId, &str> = known
        .map(|technology| (technology.id, technology.name.as_str()))
        .collect();
    let lines = found.lines.iter();
    let page = List {
        site: &site,
        meta: Meta::new("Offers", "", "/admin/offers").hidden(),
        frame: Frame::of(&editor, &request, Section::Offers),
        asked: &asked,
        choices: Filters::new(&names),
        errors,
        rows: lines
            .map(|line| ListedOffer::new(line, &names, &technologies))
            .collect(),
        is_narrowed: asked.is_narrowed(),
        next: found.next.map(|next| asked.address(Some(next))),
        is_first: asked.place().is_none(),
        is_partial: found.is_partial,
        here: query_escaped(&asked.address(asked.place())),
    };
    html_with(page.errors.status(), &page)
}

#[derive(Template)]
#[template(path = "market/offer.html")]
struct Edit<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    /// `None` for a new one.
    known: Option<Known>,
    typed: &'a Typed,
    choices: Choices,
    errors: FieldErrors,
}

/// What the page shows of an offer that exists.
struct Known {
    candidate: CandidateId,
    number: Option<i64>,
    status: Option<OfferStatus>,
    source: String,
    candidate_key: Option<String>,
    offer_key: Option<String>,
    /// All offers of the candidate, with their addresses.
    offers: Vec<Sibling>,
}

impl Known {
    fn address(&self) -> String {
        address(self.candidate, self.number)
    }

    fn answers(&self) -> Vec<(OfferStatus, &'static str)> {
        self.status.map_or_else(Vec::new, answers)
    }
}

/// One of a candidate's offers.
struct Sibling {
    address: String,
    text: String,
    is_shown: bool,
}

fn form(
    (editor, request, site): (&Editor, &HttpRequest, &Site),
    names: &Names,
    known: Option<Known>,
    typed: &Typed,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let title = match &known {
        None => "New offer",
        Some(Known { number: None, .. }) => "Candidate",
        Some(_) => "Offer",
    };
    let page = Edit {
        site,
        meta: Meta::new(title, "", "/admin/offers/offer").hidden(),
        frame: Frame::of(editor, request, Section::Offers),
        known,
        typed,
        choices: Choices::new(&names.sources, &names.roles),
        errors,
    };
    html_with(page.errors.status(), &page)
}

async fn names(db: &Db) -> Result<Names, AppError> {
    db.read_newest(|conn| Ok::<_, AppError>(Names::load(conn)?))
        .await
}

/// `GET /admin/offers/new`
async fn new(
    editor: Editor,
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let names = names(&db).await?;
    let typed = Typed {
        offered_on: Utc::now().date_naive().to_string(),
        ..Typed::default()
    };
    let asked = (&editor, &request, &**site);
    form(asked, &names, None, &typed, FieldErrors::default())
}

/// `POST /admin/offers`
async fn create(
    editor: Editor,
    request: HttpRequest,
    typed: web::Form<Typed>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    match created(&editor, &typed, &db).await {
        Ok(added) => {
            let what = if added.number.is_some() {
                "The offer is added. Figures count it from now on, where it is open."
            } else {
                "The candidate is added."
            };
            let to = address(added.candidate, added.number);
            Ok(see_other(&to, &Notice::done(with_new(what, &added))))
        }
        Err(error) => {
            let errors = error.into_errors()?;
            let names = names(&db).await?;
            form((&editor, &request, &site), &names, None, &typed, errors)
        }
    }
}

/// The sentence, and which technologies were created.
fn with_new(sentence: &str, added: &Added) -> String {
    match added.new_technologies.as_slice() {
        [] => sentence.to_owned(),
        new => format!("{sentence} New technologies: {}.", new.join(", ")),
    }
}

async fn created(editor: &Editor, typed: &Typed, db: &Db) -> Result<Added, FormError> {
    let (editor, typed) = (editor.clone(), typed.clone());
    let known = names(db).await?;
    let row = typed.read(&known.technologies, false)?;
    let source = match typed.source.trim() {
        "" => None,
        slug => {
            let found = known
                .sources
                .iter()
                .find(|source| source.slug.as_str() == slug);
            let Some(source) = found else {
                let mut errors = FieldErrors::default();
                errors.add(
                    "source",
                    "There is no such source any more. Choose another.",
                );
                return Err(errors.into());
            };
            Some(source.id)
        }
    };
    db.write(move |conn| {
        let source = match source {
            Some(source) => source,
            None => changes::by_hand(conn)?,
        };
        let added = changes::add(conn, source, &row)?;
        let name = in_words(conn, added.candidate, added.number)?;
        let thing = (Thing::Offer(added.candidate), name.as_str());
        conclude(conn, &editor, "created", thing, &added.topics)?;
        Ok(added)
    })
    .await
    .map_err(in_form)
}

/// An offer as the log names it: `Back-End Web, $4,500, 2024-05-01`.
pub(super) fn in_words(
    conn: &mut Conn,
    candidate: CandidateId,
    number: Option<i64>,
) -> Result<String, ChangeError> {
    let person = found(conn, candidate, number)?;
    let role = queries::role(conn, person.candidate.role_id)?;
    let role = role.map_or_else(String::new, |role| role.name);
    Ok(match person.offer {
        Some(offer) => format!("{role}, {}, {}", offer.monthly_usd, offer.offered_on),
        None => format!("{role}, a candidate without an offer"),
    })
}

fn found(
    conn: &mut Conn,
    candidate: CandidateId,
    number: Option<i64>,
) -> Result<Person, ChangeError> {
    Person::find(conn, candidate, number)?.ok_or(ChangeError::Gone("offer"))
}

/// `GET /admin/offers/{candidate}`
async fn edit_candidate(
    asked: (Editor, HttpRequest, web::Data<Site>, web::Data<Db>),
    candidate: web::Path<i64>,
) -> Result<HttpResponse, AppError> {
    edit(asked, CandidateId(*candidate), None).await
}

/// `GET /admin/offers/{candidate}/{number}`
async fn edit_offer(
    asked: (Editor, HttpRequest, web::Data<Site>, web::Data<Db>),
    path: web::Path<(i64, i64)>,
) -> Result<HttpResponse, AppError> {
    let (candidate, number) = path.into_inner();
    edit(asked, CandidateId(candidate), Some(number)).await
}

async fn edit(
    (editor, request, site, db): (Editor, HttpRequest, web::Data<Site>, web::Data<Db>),
    candidate: CandidateId,
    number: Option<i64>,
) -> Result<HttpResponse, AppError> {
    let (names, person, known) = known(&db, candidate, number).await?;
    let roles = names.roles.iter();
    let role = roles
        .clone()
        .find(|role| role.id == person.candidate.role_id);
    let role = role
        .map(|role| &role.slug)
        .ok_or_else(|| AppError::not_found(ChangeError::Gone("role").to_string()))?;
    let typed = Typed::of(&person, role, &names.technologies);
    let asked = (&editor, &request, &**site);
    form(asked, &names, Some(known), &typed, FieldErrors::default())
}

/// What a page about an offer shows.
async fn known(
    db: &Db,
    candidate: CandidateId,
    number: Option<i64>,
) -> Result<(Names, Person, Known), AppError> {
    let known = db.read_newest(move |conn| {
        let person = found(conn, candidate, number)?;
        let names = Names::load(conn)?;
        let all = queries::offers_of_candidate(conn, candidate)?.into_iter();
        let offers = all.map(|(of_number, salary, day, status)| Sibling {
            address: address(candidate, Some(of_number)),
            text: format!(
                "{salary}, {}, {}",
                day.format("%-d %b %Y"),
                status.label().to_lowercase()
            ),
            is_shown: Some(of_number) == number,
        });
        let known = Known {
            candidate,
            number,
            status: person.offer.as_ref().map(|offer| offer.status),
            source: names.source(person.candidate.source_id).to_owned(),
            candidate_key: text(person.candidate.source_key.as_ref()),
            offer_key: text(
                person
                    .offer
                    .as_ref()
                    .and_then(|offer| offer.source_key.as_ref()),
            ),
            offers: offers.collect(),
        };
        Ok::<_, ChangeError>((names, person, known))
    });
    Ok(known.await?)
}

fn text(key: Option<&crate::market::SourceKey>) -> Option<String> {
    key.map(|key| key.as_str().to_owned())
}

/// `POST /admin/offers/{candidate}`
async fn change_candidate(
    asked: (Editor, HttpRequest, web::Data<Site>, web::Data<Db>),
    candidate: web::Path<i64>,
    typed: web::Form<Typed>,
) -> Result<HttpResponse, AppError> {
    change(asked, CandidateId(*candidate), None, &typed).await
}

/// `POST /admin/offers/{candidate}/{number}`
async fn change_offer(
    asked: (Editor, HttpRequest, web::Data<Site>, web::Data<Db>),
    path: web::Path<(i64, i64)>,
    typed: web::Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let (candidate, number) = path.into_inner();
    change(asked, CandidateId(candidate), Some(number), &typed).await
}

async fn change(
    (editor, request, site, db): (Editor, HttpRequest, web::Data<Site>, web::Data<Db>),
    candidate: CandidateId,
    number: Option<i64>,
    typed: &Typed,
) -> Result<HttpResponse, AppError> {
    match changed(&editor, (candidate, number), typed, &db).await {
        Ok(added) => {
            let sentence = match (number, added.number) {
                (None, Some(_)) => "The offer is added.",
                (None, None) => "The candidate is saved.",
                _ => "The offer is saved.",
            };
            let to = address(candidate, added.number);
            Ok(see_other(&to, &Notice::done(with_new(sentence, &added))))
        }
        Err(error) => {
            let errors = error.into_errors()?;
            let (names, _, known) = known(&db, candidate, number).await?;
            form(
                (&editor, &request, &site),
                &names,
                Some(known),
                typed,
                errors,
            )
        }
    }
}

async fn changed(
    editor: &Editor,
    (candidate, number): (CandidateId, Option<i64>),
    typed: &Typed,
    db: &Db,
) -> Result<Added, FormError> {
    let known = names(db).await?;
    let row = typed.read(&known.technologies, number.is_some())?;
    let editor = editor.clone();
    db.write(move |conn| {
        let added = changes::change(conn, candidate, number, &row)?;
        let name = in_words(conn, candidate, added.number)?;
        let did = if added.number == number {
            "changed"
        } else {
            "created"
        };
        let thing = (Thing::Offer(candidate), name.as_str());
        conclude(conn, &editor, did, thing, &added.topics)?;
        Ok(added)
    })
    .await
    .map_err(in_form)
}

/// What becomes of an offer, and where its button stood.
#[derive(Deserialize)]
struct Answer {
    status: String,
    #[serde(default)]
    back: String,
}

/// A page of the offers that a form came from; the list where it names none.
fn back(address: &str) -> &str {
    if address.starts_with("/admin/offers") {
        address
    } else {
        "/admin/offers"
    }
}

/// `POST /admin/offers/{candidate}/{number}/status?status=&back=`
async fn answer(
    editor: Editor,
    path: web::Path<(i64, i64)>,
    answer: web::Query<Answer>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let (candidate, number) = path.into_inner();
    let candidate = CandidateId(candidate);
    let status: OfferStatus = answer
        .status
        .parse()
        .map_err(|error| AppError::Invalid(format!("That is {error}.")))?;
    let former = db
        .write(move |conn| {
            let former = found(conn, candidate, Some(number))?;
            let topics = changes::answer(conn, candidate, number, status)?;
            let did = match status {
                OfferStatus::Accepted => "accepted",
                OfferStatus::Rejected => "rejected",
                OfferStatus::Open => "reopened",
            };
            let name = in_words(conn, candidate, Some(number))?;
            conclude(
                conn,
                &editor,
                did,
                (Thing::Offer(candidate), &name),
                &topics,
            )?;
            Ok::<_, ChangeError>(former.offer.map(|offer| offer.status))
        })
        .await?;
    let sentence = match status {
        OfferStatus::Accepted => "The offer is accepted, and no figure counts it.",
        OfferStatus::Rejected => "The offer is rejected, and no figure counts it.",
        OfferStatus::Open => "The offer is open, and figures count it.",
    };
    let back = back(&answer.back);
    let notice = Notice::done(sentence);
    let notice = match former {
        Some(former) if former != status => notice.with_undo(
            "Undo",
            format!(
                "{}/status?status={former}&back={}",
                address(candidate, Some(number)),
                query_escaped(back)
            ),
        ),
        _ => notice,
    };
    Ok(see_other(back, &notice))
}

/// `POST /admin/offers/{candidate}/removal`
async fn remove_candidate(
    editor: Editor,
    candidate: web::Path<i64>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    remove(editor, CandidateId(*candidate), None, &db).await
}

/// `POST /admin/offers/{candidate}/{number}/removal`
async fn remove_offer(
    editor: Editor,
    path: web::Path<(i64, i64)>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let (candidate, number) = path.into_inner();
    remove(editor, CandidateId(candidate), Some(number), &db).await
}

async fn remove(
    editor: Editor,
    candidate: CandidateId,
    number: Option<i64>,
    db: &Db,
) -> Result<HttpResponse, AppError> {
    let removed = db
        .write(move |conn| {
            let name = in_words(conn, candidate, number)?;
            let now = Utc::now().naive_utc();
            let (id, topics) = changes::remove(conn, candidate, number, now)?;
            conclude(
                conn,
                &editor,
                "removed",
                (Thing::Offer(candidate), &name),
                &topics,
            )?;
            Ok::<_, ChangeError>(id)
        })
        .await?;
    let sentence = match number {
        Some(_) => "The offer is removed. It can be put back for thirty days.",
        None => "The candidate is removed, and can be put back for thirty days.",
    };
    let undo = format!("/admin/offers/removed/{}/restoration", removed.0);
    Ok(see_other(
        "/admin/offers",
        &Notice::done(sentence).with_undo("Put it back", undo),
    ))
}
