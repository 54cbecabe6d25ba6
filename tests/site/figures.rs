//! The figures against an independent calculation: every offer of the database expanded, sorted and counted by hand, by
//! the definitions of the method and without the code that serves the pages.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;
use payband::db::DbError;
use payband::schema::{candidates, offers, roles, sources, technologies};
use serde_json::{Value, json};

use crate::support::{TestSite, shared};

struct Person {
    id: i64,
    role: String,
    pay: String,
    seniority: Option<String>,
    country: Option<String>,
    english: Option<String>,
    years: Option<f64>,
    technologies: BTreeSet<String>,
    offers: Vec<(i32, NaiveDate, String)>,
}

type PersonRow = (
    i64,
    String,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<f64>,
);

fn people(site: &TestSite) -> Vec<Person> {
    site.db
        .read_blocking(|conn| {
            let rows: Vec<PersonRow> = candidates::table
                .inner_join(roles::table)
                .inner_join(sources::table)
                .select((
                    candidates::id,
                    roles::slug,
                    sources::pay,
                    candidates::seniority,
                    candidates::country,
                    candidates::english,
                    candidates::experience_years,
                ))
                .load(conn)
                .map_err(DbError::from)?;
            let names: HashMap<i64, String> = technologies::table
                .select((technologies::id, technologies::slug))
                .load(conn)
                .map_err(DbError::from)?
                .into_iter()
                .collect();
            let known: Vec<(i64, String)> = candidates::table
                .select((candidates::id, candidates::technologies))
                .load(conn)
                .map_err(DbError::from)?;
            let mut skills = HashMap::<i64, BTreeSet<String>>::new();
            for (id, keys) in known {
                let keys: Vec<i64> = serde_json::from_str(&keys).unwrap();
                let slugs = keys.iter().map(|key| names[key].clone());
                skills.insert(id, slugs.collect());
            }
            let mut received = HashMap::<i64, Vec<(i32, NaiveDate, String)>>::new();
            let all: Vec<(i64, i32, NaiveDate, String)> = offers::table
                .select((
                    offers::candidate_id,
                    offers::monthly_usd,
                    offers::offered_on,
                    offers::status,
                ))
                .load(conn)
                .map_err(DbError::from)?;
            for (id, salary, day, status) in all {
                received.entry(id).or_default().push((salary, day, status));
            }
            let person = |(id, role, pay, seniority, country, english, years): PersonRow| Person {
                id,
                role,
                pay,
                seniority,
                country,
                english,
                years,
                technologies: skills.remove(&id).unwrap_or_default(),
                offers: received.remove(&id).unwrap_or_default(),
            };
            Ok::<_, DbError>(rows.into_iter().map(person).collect())
        })
        .unwrap()
}

#[derive(Clone, Default)]
struct Wanted {
    role: &'static str,
    technology: Option<&'static str>,
    seniority: Option<&'static str>,
    country: Option<&'static str>,
    english: Option<&'static str>,
    experience: Option<&'static str>,
    pay: Option<&'static str>,
    year: Option<i32>,
}

impl Wanted {
    fn address(&self) -> String {
        let mut path = format!("/salaries/{}", self.role);
        if let Some(technology) = self.technology {
            path += &format!("/{technology}");
        }
        let year = self.year.map(|year| year.to_string());
        let experience = self.experience.map(|band| band.replace('+', "%2B"));
        let query: Vec<String> = [
            ("seniority", self.seniority),
            ("country", self.country),
            ("english", self.english),
            ("experience", experience.as_deref()),
            ("pay", self.pay),
            ("year", year.as_deref()),
        ]
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| format!("{name}={value}")))
        .collect();
        let separator = if query.is_empty() { "" } else { "?" };
        format!("{path}.json{separator}{}", query.join("&"))
    }

    fn is_in_subject(&self, person: &Person) -> bool {
        person.role == self.role
            && self
                .technology
                .is_none_or(|technology| person.technologies.contains(technology))
    }

    fn passes(&self, person: &Person) -> bool {
        let band = person.years.map(|years| match years {
            y if y >= 10.0 => "10+",
            y if y >= 5.0 => "5-10",
            y if y >= 3.0 => "3-5",
            y if y >= 1.0 => "1-3",
            _ => "0-1",
        });
        self.seniority
            .is_none_or(|wanted| person.seniority.as_deref() == Some(wanted))
            && self
                .country
                .is_none_or(|wanted| person.country.as_deref() == Some(wanted))
            && self
                .english
                .is_none_or(|wanted| person.english.as_deref() == Some(wanted))
            && self.experience.is_none_or(|wanted| band == Some(wanted))
    }
}

/// Months since year 0.
fn month(day: NaiveDate) -> i32 {
    day.year() * 12 + day.month0().cast_signed()
}

fn month_name(month: i32) -> String {
    format!("{:04}-{:02}", month / 12, month % 12 + 1)
}

/// Twice the percentile of a sorted list: on position n * p / 100, the mean of two where that is whole.
fn percentile(sorted: &[i32], p: usize) -> Value {
    let place = sorted.len() * p;
    let doubled = if place.is_multiple_of(100) {
        sorted[place / 100 - 1] + sorted[place / 100]
    } else {
        2 * sorted[place / 100]
    };
    if doubled % 2 == 0 {
        json!(doubled / 2)
    } else {
        json!(f64::from(doubled) / 2.0)
    }
}

fn rounded(numerator: i64, denominator: i64, scale: i64) -> f64 {
    let scaled = (2 * numerator * scale + denominator) / (2 * denominator);
    scaled as f64 / scale as f64
}

/// Bands with their ends folded, by the plainest means: sets of candidates, taken apart and joined.
fn folded(offers: &[(i64, i32)]) -> Value {
    let total = offers.len();
    let lowest = offers.iter().map(|(_, salary)| salary / 500).min().unwrap();
    let highest = offers.iter().map(|(_, salary)| salary / 500).max().unwrap();
    let mut bands: Vec<(Option<i32>, Option<i32>, Vec<i64>)> = (lowest..=highest)
        .map(|band| {
            let inside = offers.iter().filter(|(_, salary)| salary / 500 == band);
            (
                Some(band * 500),
                Some(band * 500 + 500),
                inside.map(|(who, _)| *who).collect(),
            )
        })
        .collect();
    let small = |people: &Vec<i64>| {
        people.iter().collect::<BTreeSet<_>>().len() < 3 || people.len() * 1000 < total * 5
    };
    while bands.len() > 1 && small(&bands[bands.len() - 1].2) {
        let (.., people) = bands.pop().unwrap();
        let last = bands.len() - 1;
        bands[last].1 = None;
        bands[last].2.extend(people);
    }
    while bands.len() > 1 && small(&bands[0].2) {
        let (.., people) = bands.remove(0);
        bands[0].0 = None;
        bands[0].2.extend(people);
    }
    let thousands = |dollars: i32| {
        let text = format!("{:.1}", f64::from(dollars) / 1000.0);
        format!("{}k", text.trim_end_matches(".0"))
    };
    let labelled = bands.into_iter().map(|(from, to, people)| {
        let label = match (from, to) {
            (Some(from), Some(_)) => format!("{}+", thousands(from)),
            (Some(from), None) => format!("{} and more", thousands(from)),
            (None, Some(to)) => format!("under {}", thousands(to)),
            (None, None) => "any salary".to_owned(),
        };
        json!({"from": from, "to": to, "label": label, "offers": people.len()})
    });
    labelled.collect()
}

/// What the page of a selection must say; `None` where it must publish nothing.
fn expected(people: &[Person], wanted: &Wanted) -> Option<Value> {
    let subject: Vec<&Person> = people
        .iter()
        .filter(|person| wanted.is_in_subject(person))
        .collect();
    let open = |person: &&Person| -> Vec<(i32, i32)> {
        let open = person.offers.iter().filter(|(.., status)| status == "open");
        open.map(|(salary, day, _)| (*salary, month(*day)))
            .collect()
    };
    let newest = subject
        .iter()
        .flat_map(open)
        .map(|(_, month)| month)
        .max()?;
    let (from, to) = match wanted.year {
        Some(year) => (year * 12, year * 12 + 11),
        None => (newest - 11, newest),
    };
    let within = |month: i32| from <= month && month <= to;
    let passing: Vec<&Person> = subject
        .into_iter()
        .filter(|person| wanted.passes(person))
        .collect();
    let offers_of_pay = |pay: &str| {
        let of_pay = passing.iter().filter(|person| person.pay == pay);
        of_pay
            .flat_map(open)
            .filter(|(_, month)| within(*month))
            .count()
    };
    let pay = wanted
        .pay
        .unwrap_or(if offers_of_pay("net") > offers_of_pay("gross") {
            "net"
        } else {
            "gross"
        });
    let members: Vec<&Person> = passing
        .into_iter()
        .filter(|person| person.pay == pay)
        .collect();
    let counted: Vec<(i64, i32, i32)> = members
        .iter()
        .flat_map(|person| {
            open(person)
                .into_iter()
                .map(|(salary, month)| (person.id, salary, month))
        })
        .filter(|(.., month)| within(*month))
        .collect();
    let present = |person: &&&Person| {
        person.offers.is_empty() || person.offers.iter().any(|(_, day, _)| within(month(*day)))
    };
    let candidates = members.iter().filter(present).count();
    if candidates < 5 || counted.is_empty() {
        return None;
    }
    let sorted = |offers: &[(i64, i32, i32)]| {
        let mut sorted: Vec<i32> = offers.iter().map(|(_, salary, _)| *salary).collect();
        sorted.sort_unstable();
        sorted
    };
    let salaries = sorted(&counted);
    let mut by_band = BTreeMap::<i32, usize>::new();
    for salary in &salaries {
        *by_band.entry(salary / 500 * 500).or_default() += 1;
    }
    let most = by_band.values().max().unwrap();
    let fullest = by_band
        .iter()
        .find(|(_, offers)| *offers == most)
        .unwrap()
        .0;
    let sum: i64 = salaries.iter().map(|salary| i64::from(*salary)).sum();
    let by_seniority: Vec<Value> = ["junior", "middle", "senior", "expert"]
        .into_iter()
        .filter_map(|level| {
            let of_level: Vec<&&Person> = members
                .iter()
                .filter(|person| person.seniority.as_deref() == Some(level))
                .collect();
            let ids: BTreeSet<i64> = of_level.iter().map(|person| person.id).collect();
            let candidates = of_level.iter().filter(|person| present(person)).count();
            let offers: Vec<_> = counted
                .iter()
                .copied()
                .filter(|(id, ..)| ids.contains(id))
                .collect();
            let sorted = sorted(&offers);
            match candidates {
                0 => None,
                1..5 => Some(
                    json!({"seniority": level, "offers": null, "candidates": null, "median": null,
                                    "p25": null, "p75": null}),
                ),
                _ if sorted.is_empty() => Some(
                    json!({"seniority": level, "offers": null, "candidates": null,
                                                      "median": null, "p25": null, "p75": null}),
                ),
                _ => Some(
                    json!({"seniority": level, "offers": sorted.len(), "candidates": candidates,
                                 "median": percentile(&sorted, 50), "p25": percentile(&sorted, 25),
                                 "p75": percentile(&sorted, 75)}),
                ),
            }
        })
        .collect();
    let by_month: Vec<Value> = (from..=to)
        .map(|wanted| {
            let offers: Vec<_> = counted.iter().copied().filter(|(.., month)| *month == wanted).collect();
            let people = members
                .iter()
                .filter(|person| person.offers.iter().any(|(_, day, _)| month(*day) == wanted))
                .count();
            let sorted = sorted(&offers);
            if people < 5 || sorted.is_empty() {
                json!({"month": month_name(wanted), "offers": null, "median": null})
            } else {
                json!({"month": month_name(wanted), "offers": sorted.len(), "median": percentile(&sorted, 50)})
            }
        })
        .collect();
    let plain: Vec<(i64, i32)> = counted
        .iter()
        .map(|(id, salary, _)| (*id, *salary))
        .collect();
    Some(json!({
        "pay": pay,
        "window": {"from": month_name(from), "to": month_name(to)},
        "offers": counted.len(),
        "candidates": candidates,
        "proposals": rounded(counted.len() as i64, candidates as i64, 10),
        "average": rounded(sum, salaries.len() as i64, 100),
        "p10": percentile(&salaries, 10),
        "p25": percentile(&salaries, 25),
        "median": percentile(&salaries, 50),
        "p75": percentile(&salaries, 75),
        "p90": percentile(&salaries, 90),
        "fullest_band": fullest,
        "bands": folded(&plain),
        "by_seniority": by_seniority,
        "by_month": by_month,
        "technologies": by_technology(people, wanted, pay, (from, to)),
    }))
}

/// Slug to offers and median of the role's technologies under the same filters.
fn by_technology(people: &[Person], wanted: &Wanted, pay: &str, window: (i32, i32)) -> Value {
    let within = |day: NaiveDate| window.0 <= month(day) && month(day) <= window.1;
    let mut parts = BTreeMap::<&str, (usize, Vec<i32>)>::new();
    let members = people
        .iter()
        .filter(|person| person.role == wanted.role && person.pay == pay && wanted.passes(person));
    for person in members {
        let present =
            person.offers.is_empty() || person.offers.iter().any(|(_, day, _)| within(*day));
        for technology in &person.technologies {
            if !present {
                continue;
            }
            let part = parts.entry(technology).or_default();
            part.0 += 1;
            let open = person
                .offers
                .iter()
                .filter(|(_, day, status)| status == "open" && within(*day));
            part.1.extend(open.map(|(salary, ..)| *salary));
        }
    }
    let published = parts.into_iter().map(|(slug, (candidates, mut salaries))| {
        salaries.sort_unstable();
        let figures = if candidates < 5 || salaries.is_empty() {
            json!([null, null])
        } else {
            json!([salaries.len(), percentile(&salaries, 50)])
        };
        (slug.to_owned(), figures)
    });
    Value::Object(published.collect())
}

/// Compares numbers by value, whatever their JSON type.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            (a.as_f64().unwrap() - b.as_f64().unwrap()).abs() < 1e-9
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

async fn check(site: &TestSite, people: &[Person], wanted: &Wanted) -> bool {
    let address = wanted.address();
    let page = site.get(&address).await.assert_ok().json();
    let Some(expected) = expected(people, wanted) else {
        assert_eq!(page["suppressed"], json!(true), "{address}");
        for figure in [
            "offers",
            "candidates",
            "proposals",
            "median",
            "average",
            "p10",
            "fullest_band",
        ] {
            assert_eq!(page[figure], Value::Null, "{address}: {figure}");
        }
        for list in [
            "bands",
            "by_seniority",
            "by_month",
            "technologies",
            "sources",
        ] {
            assert_eq!(page[list], json!([]), "{address}: {list}");
        }
        return false;
    };
    assert_eq!(page["suppressed"], json!(false), "{address}");
    for (name, value) in expected.as_object().unwrap() {
        let served = match name.as_str() {
            "pay" => page["filters"]["pay"].clone(),
            "technologies" => {
                let list = page["technologies"].as_array().unwrap().iter();
                Value::Object(
                    list.map(|it| {
                        (
                            it["slug"].as_str().unwrap().to_owned(),
                            json!([it["offers"], it["median"]]),
                        )
                    })
                    .collect(),
                )
            }
            name => page[name].clone(),
        };
        assert!(
            same(&served, value),
            "{address}: {name} is {served}, not {value}"
        );
    }
    true
}

#[actix_web::test]
async fn the_demo_s_figures_are_those_of_an_independent_calculation() {
    let site = TestSite::demo();
    let people = people(&site);
    let roles: BTreeSet<&str> = people.iter().map(|person| person.role.as_str()).collect();
    assert!(roles.len() >= 12, "{roles:?}");
    let of = |role| Wanted {
        role,
        ..Wanted::default()
    };
    let django = Wanted {
        technology: Some("django"),
        ..of("back-end-web")
    };
    let mut published = 0;
    for role in [
        "back-end-web",
        "manual-qa",
        "data-science",
        "desktop",
        "machine-learning",
    ] {
        published += u32::from(check(&site, &people, &of(role)).await);
    }
    let wanted = [
        django.clone(),
        Wanted {
            seniority: Some("senior"),
            ..django.clone()
        },
        Wanted {
            country: Some("UA"),
            ..django.clone()
        },
        Wanted {
            english: Some("b2"),
            experience: Some("3-5"),
            ..django.clone()
        },
        Wanted {
            experience: Some("10+"),
            ..of("devops")
        },
        Wanted {
            experience: Some("0-1"),
            seniority: Some("expert"),
            ..of("devops")
        },
        Wanted {
            pay: Some("net"),
            ..django.clone()
        },
        Wanted {
            year: Some(2023),
            ..django.clone()
        },
        Wanted {
            seniority: Some("junior"),
            country: Some("PL"),
            pay: Some("net"),
            ..of("front-end")
        },
        Wanted {
            country: Some("DE"),
            year: Some(2023),
            english: Some("c1"),
            ..of("full-stack")
        },
        Wanted {
            technology: Some("haskell"),
            ..of("back-end-web")
        },
        Wanted {
            seniority: Some("middle"),
            technology: Some("kotlin"),
            ..of("mobile")
        },
    ];
    for wanted in &wanted {
        published += u32::from(check(&site, &people, wanted).await);
    }
    assert!(
        (12..17).contains(&published),
        "{published} of 17 selections are published"
    );
}

#[actix_web::test]
async fn the_demo_s_django_page_comes_out_at_571_offers_7707_dollars_and_one_proposal() {
    let site = TestSite::demo();
    let page = site
        .get("/salaries/back-end-web/django.json")
        .await
        .assert_ok()
        .json();
    assert_eq!(page["offers"], json!(571));
    assert_eq!(page["median"], json!(7707));
    assert_eq!(page["proposals"], json!(1.0));
    assert_eq!(page["window"], json!({"from": "2024-01", "to": "2024-12"}));
    site.get("/salaries/back-end-web/django")
        .await
        .assert_ok()
        .assert_shows("571 <span class=\"unit\">offers")
        .assert_shows("$7,707 <span class=\"unit\">a month")
        .assert_shows("1.0 <span class=\"unit\">per candidate");
}

#[actix_web::test]
async fn the_demo_looks_like_a_market() {
    let site = TestSite::demo();
    let people = people(&site);
    let countries: BTreeSet<_> = people
        .iter()
        .filter_map(|person| person.country.clone())
        .collect();
    let technologies: BTreeSet<_> = people
        .iter()
        .flat_map(|person| person.technologies.clone())
        .collect();
    let months: BTreeSet<i32> = people
        .iter()
        .flat_map(|person| &person.offers)
        .map(|(_, day, _)| month(*day))
        .collect();
    assert!(countries.len() >= 30 && technologies.len() >= 40);
    assert_eq!(months, (2023 * 12..2025 * 12).collect());
    assert!(people.iter().any(|person| person.offers.is_empty()));
    assert!(people.iter().any(|person| person.offers.len() > 8));
    for status in ["open", "accepted", "rejected"] {
        assert!(
            people
                .iter()
                .flat_map(|person| &person.offers)
                .any(|(.., it)| it == status)
        );
    }
}

/// A real file of the workshop, copied to where the rejected rows may stand beside it.
fn import_shared(site: &TestSite, name: &str) -> Option<()> {
    let csv = std::fs::read(shared(&format!("data/{name}.csv"))?).unwrap();
    let profile = payband::import::read_profile(&shared(&format!("data/{name}.toml"))?).unwrap();
    site.try_import(csv, profile, |_| {}).unwrap();
    Some(())
}

#[actix_web::test]
async fn dou_s_answers_come_out_at_the_known_figures_and_net_never_mixes_with_gross() {
    let site = TestSite::empty();
    if import_shared(&site, "dou-2024-12").is_none() {
        return;
    }
    for (path, offers, median) in [
        ("back-end-web", 2370, json!(4000)),
        ("back-end-web/python", 311, json!(3500)),
        ("back-end-web/java", 618, json!(4183.5)),
    ] {
        let page = site
            .get(&format!("/salaries/{path}.json"))
            .await
            .assert_ok()
            .json();
        assert_eq!(page["offers"], json!(offers), "{path}");
        assert_eq!(page["median"], median, "{path}");
        assert_eq!(page["filters"]["pay"], json!("net"), "{path}");
    }
    import_shared(&site, "aijobs-2020-2024").unwrap();
    let page = site.get("/salaries/back-end-web.json").await.json();
    assert_eq!(
        (&page["offers"], &page["median"]),
        (&json!(2370), &json!(4000))
    );
    let sources: Vec<&Value> = page["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["slug"])
        .collect();
    assert_eq!(sources, [&json!("dou-2024-12")]);

    let people = people(&site);
    let of = |role| Wanted {
        role,
        ..Wanted::default()
    };
    for wanted in [
        of("back-end-web"),
        of("data-science"),
        Wanted {
            pay: Some("net"),
            ..of("data-science")
        },
        Wanted {
            year: Some(2023),
            seniority: Some("senior"),
            ..of("data-engineering")
        },
        Wanted {
            year: Some(2024),
            pay: Some("gross"),
            ..of("back-end-web")
        },
        Wanted {
            country: Some("US"),
            ..of("data-analysis")
        },
        Wanted {
            experience: Some("1-3"),
            english: Some("b1"),
            ..of("manual-qa")
        },
    ] {
        assert!(check(&site, &people, &wanted).await, "{}", wanted.address());
    }
}
