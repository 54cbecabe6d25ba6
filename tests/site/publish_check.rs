//! The publish check, against a whole site.

use payband::articles::publish_check::addresses::FIXED;
use payband::articles::publish_check::{Draft, Drifted, Finding, drifted, is_blocked, run};
use payband::articles::queries::files;
use payband::db::DbError;
use payband::slug::Slug;

use crate::prose::{publish, rows, site};
use crate::support::TestSite;

/// What is found in an article about a role.
fn found(site: &TestSite, article: &Draft<'_>) -> Vec<Finding> {
    let found = site.db.read_blocking(|conn| {
        let catalogue = site.parts.catalogues.of(conn)?;
        Ok::<_, DbError>(run(conn, &catalogue, &site.parts.site, article)?)
    });
    found.unwrap()
}

fn all_drifted(site: &TestSite) -> Vec<Drifted> {
    let drifted = site.db.read_blocking(|conn| {
        let catalogue = site.parts.catalogues.of(conn)?;
        Ok::<_, DbError>(drifted(conn, &catalogue, &site.parts.site)?)
    });
    drifted.unwrap()
}

fn draft<'a>(body: &'a str, role: Option<&'a Slug>) -> Draft<'a> {
    Draft {
        id: None,
        slug: None,
        title: "Something new",
        summary: "S",
        seo_title: "",
        description: "Something new about something old.",
        body,
        role,
        technology: None,
    }
}

fn texts(findings: &[Finding]) -> Vec<&str> {
    findings
        .iter()
        .map(|finding| finding.text.as_str())
        .collect()
}

#[test]
fn the_built_in_articles_pass() {
    let site = TestSite::demo();
    let all = site
        .db
        .read_blocking(|conn| Ok::<_, DbError>(files(conn)?))
        .unwrap();
    assert_eq!(all.len(), 6);
    for file in all {
        let article = Draft {
            // As one that was saved before: it has its own title.
            slug: Some(&file.slug),
            title: &file.title,
            summary: &file.summary,
            seo_title: &file.seo_title,
            description: &file.description,
            role: file.role.as_ref(),
            technology: file.technology.as_ref(),
            ..draft(&file.body, None)
        };
        let findings = found(&site, &article);
        let others: Vec<&str> = texts(&findings)
            .into_iter()
            .filter(|text| !text.contains("has the same"))
            .collect();
        assert_eq!(others, Vec::<&str>::new(), "{}", file.slug);
    }
}

#[test]
fn figures_links_and_names_are_looked_up() {
    let site = site();
    publish(&site, "first", None, "x");
    let role: Slug = "devops".parse().unwrap();
    let body = "The median is {{ median devops }}, {{ median front-end }} or {{ median devopss }}.\n\n\
                See [this](/articles/first), [that](/articles/second), [here](/salaries/devops/django) and \
                [there](/salaries/devops/rust).\n";
    let article = Draft {
        title: "About first",
        ..draft(body, Some(&role))
    };
    let findings = found(&site, &article);
    assert!(is_blocked(&findings));
    assert_eq!(
        texts(&findings),
        [
            "{{ median front-end }}: There are fewer than 5 candidates, so the figures are not published.",
            "{{ median devopss }}: There is no role \u{201c}devopss\u{201d}. Perhaps you mean \u{201c}devops\u{201d}?",
            "The link to \u{201c}/articles/second\u{201d} is dead: there is no article \u{201c}second\u{201d}.",
            "The link to \u{201c}/salaries/devops/rust\u{201d} is dead: there are no offers of this role with \u{201c}rust\u{201d}.",
            "The article /articles/first has the same title.",
        ]
    );
}

#[test]
fn salaries_are_compared_with_what_the_sentence_speaks_of() {
    let site = site();
    let role: Slug = "devops".parse().unwrap();
    for (body, expected) in [
        ("The median salary is $3,250 a month.", None),
        ("The median salary is $39,000 a year.", None),
        (
            "The median salary is $4,000 a month.",
            Some("the median of DevOps"),
        ),
        (
            "With Django, the median salary is $4,000.",
            Some("with Django is $3,250"),
        ),
        ("The median salary in Back-End Web is $7,707.", None),
        (
            "The median salary [of others](/salaries/back-end-web) is $6,000.",
            Some("the median of Back-End Web Developer is $7,707"),
        ),
        ("Write `median salary $1`.", None),
        (
            "The median salary of a Front-End developer is $3,250.",
            None,
        ),
    ] {
        let findings = found(&site, &draft(body, Some(&role)));
        assert_eq!(
            findings.len(),
            usize::from(expected.is_some()),
            "{body}: {findings:?}"
        );
        if let Some(expected) = expected {
            assert!(findings[0].text.contains(expected), "{findings:?}");
            assert!(!is_blocked(&findings));
        }
    }
    let nowhere = found(&site, &draft("The median salary is $1,000.", None));
    assert_eq!(nowhere, []);
}

#[test]
fn published_articles_drift_as_the_data_changes() {
    let site = site();
    publish(
        &site,
        "typed",
        Some("devops"),
        "The median salary is $3,250.\n\nNo more.",
    );
    publish(
        &site,
        "live",
        Some("devops"),
        "The median salary is {{ median devops }}.",
    );
    assert_eq!(all_drifted(&site), []);
    site.import(&rows("devops", 110, &[9000, 9100, 9200, 9300, 9400, 9500]));
    let drifted = all_drifted(&site);
    assert_eq!(drifted.len(), 1);
    assert_eq!(drifted[0].slug.as_str(), "typed");
    assert_eq!(drifted[0].findings.len(), 1);
    assert!(
        drifted[0].findings[0].text.contains("{{ median devops }}"),
        "{drifted:?}"
    );
}

#[actix_web::test]
async fn the_fixed_addresses_answer() {
    let site = TestSite::demo();
    for address in FIXED {
        site.get(address).await.assert_ok();
    }
}
