//! The salary pages.

use serde_json::json;

use crate::support::TestSite;

const HEADER: &str =
    "role,technologies,salary,offered_on,seniority,country,experience_years,status\n";

/// So many candidates with one open offer each, at salaries of 1000 dollars and 10 more each.
fn crowd(role: &str, technology: &str, day: &str, rest: &str, candidates: u32) -> String {
    (0..candidates).fold(String::new(), |rows, number| {
        format!(
            "{rows}{role},{technology},{},{day},{rest}\n",
            1000 + 10 * number
        )
    })
}

fn small_market() -> TestSite {
    TestSite::with_rows(&format!(
        "{HEADER}{}{}{}{}",
        crowd(
            "back-end-web",
            "django",
            "2024-06-15",
            "senior,UA,12,open",
            20
        ),
        crowd(
            "back-end-web",
            "python",
            "2024-11-15",
            "junior,PL,0.5,open",
            10
        ),
        crowd(
            "back-end-web",
            "cobol",
            "2024-06-15",
            "expert,UA,20,open",
            4
        ),
        crowd("front-end", "react", "2022-03-01", "middle,UA,3,open", 8),
    ))
}

#[actix_web::test]
async fn the_page_shows_its_parts_in_their_order() {
    TestSite::demo()
        .get("/salaries/back-end-web/django")
        .await
        .assert_ok()
        .assert_shows_in_order(&[
            "Breadcrumbs",
            ">Back-End Web Developer with Django <span class=\"subject\">Salary in 2024",
            "linkedin.com",
            "data-copy=\"https://jobs.example/salaries/back-end-web/django\"",
            "Half of the 571 offers went to candidates who ask for $7,707 a month or more.",
            "Total",
            "Median salary expectation",
            "Proposals",
            "role=\"img\"",
            "How statistics are calculated",
            "The figures as a table",
            "By seniority",
            "By month",
            "Trending technologies in Back-End Web",
            "Sources",
            "Demo data: a generated marketplace",
            "On this page",
            "Where Django is used",
            "Django alternatives",
            "Quick facts about Django",
            "Computed from the offers",
            "Top 10 technologies around Django",
            "More about Back-End Web",
            "A mail when Back-End Web with Django moves",
        ]);
}

#[actix_web::test]
async fn the_page_is_light_and_needs_no_inline_script_or_style_and_no_cookie() {
    let site = TestSite::demo();
    for address in [
        "/",
        "/salaries",
        "/salaries/back-end-web",
        "/salaries/back-end-web/django",
    ] {
        let page = site.get(address).await.assert_ok();
        assert!(
            page.body.len() < 150_000,
            "{address} has {} bytes",
            page.body.len()
        );
        assert_eq!(page.header("set-cookie"), None);
        for inline in [" style=", "<style", " onclick=", "javascript:", "<script>"] {
            assert!(!page.body.contains(inline), "{address} has {inline}");
        }
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"));
        for (start, _) in page.body.match_indices("src=\"") {
            assert!(
                page.body[start..].starts_with("src=\"/assets/"),
                "{address}"
            );
        }
    }
}

#[actix_web::test]
async fn the_table_is_the_twin_of_the_chart() {
    let site = TestSite::demo();
    let json = site.get("/salaries/back-end-web/django.json").await.json();
    let page = site.get("/salaries/back-end-web/django").await;
    for band in json["bands"].as_array().unwrap() {
        let (label, offers) = (band["label"].as_str().unwrap(), &band["offers"]);
        let row = format!("<td>{label}</td><td class=\"number\">{offers}</td>");
        assert!(page.body.contains(&row), "{row}");
    }
    let columns = page.body.matches("<g class=\"column").count();
    assert_eq!(columns, json["bands"].as_array().unwrap().len());
}

#[actix_web::test]
async fn a_page_can_be_had_as_csv_and_svg() {
    let site = small_market();
    let csv = site
        .get("/salaries/back-end-web/django.csv")
        .await
        .assert_ok();
    assert_eq!(csv.body, "from,to,label,offers\n1000,1500,1k+,20\n");
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    let svg = site
        .get("/salaries/back-end-web/django.svg")
        .await
        .assert_ok();
    assert_eq!(svg.header("content-type"), Some("image/svg+xml"));
    svg.assert_shows(
        "<title id=\"title\">Back-End Web Developer with Django Salary in 2024</title>",
    )
    .assert_shows("20 offers, 100.0%");
    let filtered = site
        .get("/salaries/back-end-web.csv?seniority=junior")
        .await
        .assert_ok();
    assert_eq!(filtered.body, "from,to,label,offers\n1000,1500,1k+,10\n");
}

#[actix_web::test]
async fn the_json_has_its_fields_in_their_order() {
    let site = small_market();
    let page = site
        .get("/salaries/back-end-web/django.json")
        .await
        .assert_ok();
    page.assert_shows_in_order(&[
        "{\"role\":{\"slug\":\"back-end-web\",\"name\":\"Back-End Web\"}",
        "\"technology\":{\"slug\":\"django\",\"name\":\"Django\"}",
        "\"filters\":{\"seniority\":null,\"country\":null,\"english\":null,\"experience\":null,\"pay\":\"gross\",\"year\":null}",
        "\"window\":{\"from\":\"2023-07\",\"to\":\"2024-06\"}",
        "\"currency\":\"USD\",\"period\":\"month\",\"suppressed\":false,\"offers\":20,\"candidates\":20",
        "\"proposals\":1.0,\"median\":1095,\"average\":1095,\"p10\":1015,\"p25\":1045,\"p75\":1145,\"p90\":1175",
        "\"fullest_band\":1000,\"bands\":[{\"from\":1000,\"to\":1500,\"label\":\"1k+\",\"offers\":20}]",
        "\"by_seniority\":[{\"seniority\":\"senior\",\"offers\":20,\"candidates\":20,\"median\":1095,\"p25\":1045,\"p75\":1145}]",
        "\"by_month\":[{\"month\":\"2023-07\",\"offers\":null,\"median\":null}",
        "{\"month\":\"2024-06\",\"offers\":20,\"median\":1095}]",
        "\"technologies\":[{\"slug\":\"django\",\"name\":\"Django\",\"offers\":20,\"median\":1095}",
        "\"sources\":[{\"slug\":\"survey\",\"name\":\"Survey\",\"url\":null,\"licence\":null,\"pay\":\"gross\"}]}",
    ]);
}

#[actix_web::test]
async fn the_list_of_roles_can_be_had_as_json() {
    let page = small_market().get("/salaries.json").await.assert_ok();
    assert_eq!(
        page.json(),
        json!([
            {"role": {"slug": "back-end-web", "name": "Back-End Web"}, "offers": 34, "median": 1060,
             "proposals": 1.0, "pay": "gross", "window": {"from": "2023-12", "to": "2024-11"}},
            {"role": {"slug": "front-end", "name": "Front-End"}, "offers": 8, "median": 1035,
             "proposals": 1.0, "pay": "gross", "window": {"from": "2021-04", "to": "2022-03"}},
        ])
    );
}

#[actix_web::test]
async fn filters_have_one_canonical_form() {
    let site = small_market();
    for (address, canonical) in [
        (
            "/salaries/back-end-web?country=UA&seniority=senior",
            "/salaries/back-end-web?seniority=senior&country=UA",
        ),
        (
            "/salaries/back-end-web?seniority=senior&seniority=junior",
            "/salaries/back-end-web?seniority=senior",
        ),
        (
            "/salaries/back-end-web?country=ua",
            "/salaries/back-end-web?country=UA",
        ),
        (
            "/salaries/back-end-web?experience=10+",
            "/salaries/back-end-web?experience=10%2B",
        ),
        (
            "/salaries/back-end-web?seniority=&country=&english=&experience=&pay=&year=",
            "/salaries/back-end-web",
        ),
        ("/salaries/back-end-web?pay=gross", "/salaries/back-end-web"),
        (
            "/salaries/front-end?year=2022",
            "/salaries/front-end?year=2022",
        ),
        (
            "/salaries/back-end-web?utm_source=mail",
            "/salaries/back-end-web",
        ),
        (
            "/salaries/back-end-web.json?pay=gross&country=UA",
            "/salaries/back-end-web.json?country=UA",
        ),
        (
            "/Salaries/Back-End-Web/?country=ua",
            "/salaries/back-end-web?country=UA",
        ),
        ("/salaries/back-end-web/", "/salaries/back-end-web"),
        ("/SALARIES", "/salaries"),
    ] {
        if address == canonical {
            site.get(address).await.assert_ok();
        } else {
            site.get(address).await.assert_redirects_to(canonical);
            site.get(canonical).await.assert_ok();
        }
    }
}

#[actix_web::test]
async fn a_year_that_is_the_window_anyway_is_left_out() {
    let site = TestSite::demo();
    site.get("/salaries/back-end-web?year=2024")
        .await
        .assert_redirects_to("/salaries/back-end-web");
    site.get("/salaries/back-end-web?year=2023")
        .await
        .assert_ok()
        .assert_shows("Salary in 2023");
}

#[actix_web::test]
async fn a_skill_leads_to_the_technology_s_page() {
    let site = TestSite::demo();
    for (address, canonical) in [
        (
            "/salaries/back-end-web?skill=Django",
            "/salaries/back-end-web/django",
        ),
        (
            "/salaries/back-end-web?skill=node.js",
            "/salaries/back-end-web/nodejs",
        ),
        (
            "/salaries/back-end-web/python?skill=django",
            "/salaries/back-end-web/django",
        ),
        (
            "/salaries/back-end-web?country=ua&skill=DJANGO",
            "/salaries/back-end-web/django?country=UA",
        ),
        (
            "/salaries/back-end-web.json?skill=Django",
            "/salaries/back-end-web/django.json",
        ),
    ] {
        site.get(address).await.assert_redirects_to(canonical);
    }
    site.get("/salaries/back-end-web?skill=Klingon")
        .await
        .assert_not_found();
}

#[actix_web::test]
async fn unknown_values_and_names_are_not_found() {
    let site = TestSite::demo();
    for address in [
        "/salaries/back-end-web?seniority=boss",
        "/salaries/back-end-web?country=XX",
        "/salaries/back-end-web?english=d1",
        "/salaries/back-end-web?experience=2-4",
        "/salaries/back-end-web?pay=cash",
        "/salaries/back-end-web?year=1999",
        "/salaries/back-end-web?year=soon",
        "/salaries/astrology",
        "/salaries/manual-qa/rust-on-the-moon",
        "/salaries/back-end-web/django/more",
        "/salaries/back-end-web.txt",
    ] {
        let page = site.get(address).await.assert_not_found();
        assert!(
            page.body.contains("<title>Not Found"),
            "{address}: {}",
            page.body
        );
    }
    let json = site
        .get("/salaries/astrology.json")
        .await
        .assert_not_found();
    assert_eq!(json.json()["status"], json!(404));
}

#[actix_web::test]
async fn a_wrong_name_brings_up_the_near_ones() {
    let site = TestSite::demo();
    site.get("/salaries/backend")
        .await
        .assert_not_found()
        .assert_shows("href=\"/salaries/back-end-web\"");
    site.get("/salaries/back-end-web/djano")
        .await
        .assert_not_found()
        .assert_shows("href=\"/salaries/back-end-web/django\"");
    site.get("/technologies/djnago")
        .await
        .assert_not_found()
        .assert_shows("href=\"/technologies/django\"");
}

#[actix_web::test]
async fn a_technology_that_nobody_in_the_role_has_is_not_found() {
    let site = small_market();
    site.get("/salaries/front-end/react").await.assert_ok();
    site.get("/salaries/back-end-web/react")
        .await
        .assert_not_found();
}

#[actix_web::test]
async fn fewer_than_five_candidates_are_not_published() {
    let site = small_market();
    site.get("/salaries/back-end-web/cobol")
        .await
        .assert_ok()
        .assert_shows("Too few candidates to publish figures")
        .assert_shows("<meta name=\"robots\" content=\"noindex\">")
        .assert_does_not_show("role=\"img\"")
        .assert_does_not_show("class=\"heroes\"");
    site.get("/sitemap-1.xml")
        .await
        .assert_ok()
        .assert_shows("<loc>https://jobs.example/salaries/back-end-web/django</loc>")
        .assert_does_not_show("cobol");
    // On the role's page the technology is named, without figures.
    site.get("/salaries/back-end-web")
        .await
        .assert_shows("1 with too few candidates for figures");
    site.import(&format!(
        "{HEADER}{}",
        crowd(
            "back-end-web",
            "cobol",
            "2024-06-16",
            "expert,UA,20,open",
            1
        )
    ));
    site.get("/salaries/back-end-web/cobol")
        .await
        .assert_ok()
        .assert_shows("5 <span class=\"unit\">offers");
}

#[actix_web::test]
async fn accepted_and_rejected_offers_are_never_counted_but_their_candidates_are() {
    let site = TestSite::with_rows(&format!(
        "{HEADER}{}{}{}",
        crowd("devops", "linux", "2024-06-15", "senior,UA,12,open", 6),
        crowd("devops", "linux", "2024-06-15", "senior,UA,12,accepted", 2),
        crowd("devops", "linux", "", "senior,UA,12,", 4),
    ));
    let page = site.get("/salaries/devops.json").await.json();
    assert_eq!(page["offers"], json!(6));
    assert_eq!(page["candidates"], json!(12));
    assert_eq!(page["proposals"], json!(0.5));
}

#[actix_web::test]
async fn a_role_without_any_counted_offer_says_so() {
    let site = TestSite::with_rows(&format!(
        "{HEADER}{}",
        crowd("devops", "linux", "2024-06-15", "senior,UA,12,rejected", 9)
    ));
    let page = site.get("/salaries/devops.json").await.assert_ok().json();
    assert_eq!(page["suppressed"], json!(true));
    assert_eq!(page["window"], json!(null));
    site.get("/salaries/devops")
        .await
        .assert_ok()
        .assert_shows("No offers to count");
    site.get("/salaries")
        .await
        .assert_ok()
        .assert_shows("too few to publish");
}

#[actix_web::test]
async fn filtered_pages_are_kept_out_of_search_engines() {
    let site = small_market();
    site.get("/salaries/back-end-web?seniority=senior")
        .await
        .assert_ok()
        .assert_shows("<meta name=\"robots\" content=\"noindex\">")
        .assert_shows(
            "<link rel=\"canonical\" href=\"https://jobs.example/salaries/back-end-web\">",
        );
    site.get("/salaries/back-end-web")
        .await
        .assert_does_not_show("noindex")
        .assert_shows(
            "<link rel=\"canonical\" href=\"https://jobs.example/salaries/back-end-web\">",
        );
}

#[actix_web::test]
async fn choices_that_would_leave_nothing_are_disabled() {
    let site = small_market();
    site.get("/salaries/back-end-web?country=PL")
        .await
        .assert_shows("<option value=\"junior\">Junior")
        .assert_shows("<option value=\"senior\" disabled>Senior")
        .assert_shows("<option value=\"PL\" selected>Poland")
        .assert_shows("<option value=\"UA\">Ukraine")
        .assert_shows("<option value=\"10+\" disabled>");
}

/// Else the form would drop it with the next choice.
#[actix_web::test]
async fn a_country_that_nobody_comes_from_stays_selected() {
    let site = small_market();
    site.get("/salaries/back-end-web?country=ZW")
        .await
        .assert_shows("· Zimbabwe</span>")
        .assert_shows("<option value=\"ZW\" selected>Zimbabwe</option>")
        .assert_shows("<option value=\"\">Any</option>\n<option value=\"PL\">Poland</option>")
        .assert_does_not_show("<option value=\"\" selected>Any</option>\n<option value=\"PL\"");
    site.get("/salaries/back-end-web?seniority=senior")
        .await
        .assert_does_not_show("Zimbabwe");
}

#[actix_web::test]
async fn gross_and_net_are_never_mixed() {
    let site = small_market();
    let net: payband::import::Profile =
        "[source]\nslug='net'\npay='net'\n[columns]\nrole='role'\nsalary='salary'\n\
         offered_on='offered_on'\ncountry='country'"
            .parse()
            .unwrap();
    let rows = crowd("back-end-web", "", "2024-10-10", "senior,DE,1,open", 9);
    site.try_import(format!("{HEADER}{rows}"), net, |_| {})
        .unwrap();
    let gross = site.get("/salaries/back-end-web.json").await.json();
    assert_eq!(
        (&gross["offers"], &gross["filters"]["pay"]),
        (&json!(34), &json!("gross"))
    );
    let net = site.get("/salaries/back-end-web.json?pay=net").await.json();
    assert_eq!(
        (&net["offers"], &net["filters"]["pay"]),
        (&json!(9), &json!("net"))
    );
    assert_eq!(net["sources"][0]["slug"], json!("net"));
    // Where only net offers pass the filters, the page shows those.
    let german = site
        .get("/salaries/back-end-web.json?country=DE")
        .await
        .json();
    assert_eq!(
        (&german["offers"], &german["filters"]["pay"]),
        (&json!(9), &json!("net"))
    );
    site.get("/salaries/back-end-web")
        .await
        .assert_shows("<a href=\"/salaries/back-end-web?pay=net\">Show net pay instead</a>");
    site.get("/salaries/back-end-web?pay=net")
        .await
        .assert_shows("<a href=\"/salaries/back-end-web\">Show gross pay instead</a>");
}

#[actix_web::test]
async fn the_window_follows_the_newest_counted_offer_and_not_the_filters() {
    let site = small_market();
    for (address, to) in [
        ("/salaries/back-end-web.json", "2024-11"),
        ("/salaries/back-end-web.json?seniority=senior", "2024-11"),
        ("/salaries/back-end-web/django.json", "2024-06"),
    ] {
        assert_eq!(
            site.get(address).await.json()["window"]["to"],
            json!(to),
            "{address}"
        );
    }
    site.import(&format!(
        "{HEADER}{}",
        crowd("back-end-web", "", "2024-12-31", "senior,UA,12,rejected", 1)
    ));
    let page = site.get("/salaries/back-end-web.json").await.json();
    assert_eq!(page["window"]["to"], json!("2024-11"));
}

#[actix_web::test]
async fn names_are_escaped() {
    let rows = crowd(
        "<script>alert(1)</script>",
        "\"a\" & <b>",
        "2024-06-15",
        "senior,UA,12,open",
        6,
    );
    let site = TestSite::with_rows(&format!("{HEADER}{}", rows.replace("\"a\"", "'a'")));
    site.get("/salaries")
        .await
        .assert_ok()
        .assert_does_not_show("<script>alert")
        .assert_shows("&#60;script&#62;alert(1)&#60;/script&#62;");
    site.get("/salaries/script-alert-1-script/a-b")
        .await
        .assert_ok()
        .assert_does_not_show("<b>'a'");
}

#[actix_web::test]
async fn the_chart_alone_can_be_framed_by_other_sites() {
    let site = TestSite::demo();
    let page = site
        .get("/embed/salaries/back-end-web/django")
        .await
        .assert_ok();
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .contains("frame-ancestors *")
    );
    page.assert_shows("role=\"img\"")
        .assert_shows("noindex")
        .assert_shows("https://jobs.example/salaries/back-end-web/django")
        .assert_does_not_show("masthead");
    site.get("/embed/salaries/back-end-web?country=ua")
        .await
        .assert_redirects_to("/embed/salaries/back-end-web?country=UA");
    site.get("/embed/salaries/nothing").await.assert_not_found();
    let framed = site.get("/salaries/back-end-web").await;
    assert!(
        framed
            .header("content-security-policy")
            .unwrap()
            .contains("frame-ancestors 'none'")
    );
}

#[actix_web::test]
async fn two_selections_are_compared_on_one_axis() {
    let site = TestSite::demo();
    let page = site
        .get("/compare?a=back-end-web/django&b=Back-End-Web/PHP")
        .await
        .assert_ok();
    let columns = page.body.matches("<g class=\"column").count();
    assert!(columns > 20, "{columns}");
    page.assert_shows_in_order(&[
        "Side by side",
        "with Django",
        "with PHP",
        "$7,707",
        "chart-title-1",
        "chart-title-2",
    ]);
    site.get("/compare")
        .await
        .assert_ok()
        .assert_shows("noindex");
    site.get("/compare?a=backend&b=devops")
        .await
        .assert_not_found()
        .assert_shows("value=\"backend\"")
        .assert_shows("aria-invalid=\"true\"")
        .assert_shows("href=\"/salaries/back-end-web\"")
        .assert_shows("DevOps Engineer");
}

/// Whether a value has exactly the fields of a schema, all the way down.
fn fits(value: &serde_json::Value, schema: &serde_json::Value) -> Result<(), String> {
    use serde_json::Value;
    if let Some(choices) = schema["oneOf"].as_array() {
        return if choices.iter().any(|choice| fits(value, choice).is_ok()) {
            Ok(())
        } else {
            Err(format!("{value} fits none of {choices:?}"))
        };
    }
    let allowed = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let number = kind == "integer" && allowed.contains(&"number");
    if !allowed.is_empty() && !allowed.contains(&kind) && !number {
        return Err(format!("{value} is no {allowed:?}"));
    }
    let words = schema["enum"]
        .as_array()
        .cloned()
        .or_else(|| Some(vec![schema.get("const")?.clone()]));
    if words.is_some_and(|words| !words.contains(value)) {
        return Err(format!("{value} is not allowed"));
    }
    if let Some(fields) = value.as_object() {
        let properties = schema["properties"].as_object().ok_or("no properties")?;
        let (got, wanted): (Vec<_>, Vec<_>) =
            (fields.keys().collect(), properties.keys().collect());
        if got != wanted {
            return Err(format!("{got:?} are not {wanted:?}"));
        }
        for (name, field) in fields {
            fits(field, &properties[name]).map_err(|error| format!("{name}: {error}"))?;
        }
    }
    for item in value.as_array().into_iter().flatten() {
        fits(item, &schema["items"])?;
    }
    Ok(())
}

#[actix_web::test]
async fn the_data_is_as_the_site_s_own_description_says() {
    let site = TestSite::demo();
    let description = site.get("/openapi.json").await.assert_ok().json();
    assert_eq!(
        description["servers"][0]["url"],
        json!("https://jobs.example")
    );
    let page = &description["components"]["schemas"]["SalaryPage"];
    for address in [
        "/salaries/back-end-web/django.json",
        "/salaries/back-end-web.json?seniority=senior&country=UA",
        "/salaries/back-end-web/haskell.json",
    ] {
        fits(&site.get(address).await.assert_ok().json(), page).unwrap();
    }
    let roles = &description["paths"]["/salaries.json"]["get"]["responses"]["200"]["content"];
    let roles = &roles["application/json"]["schema"];
    fits(&site.get("/salaries.json").await.json(), roles).unwrap();
    let error = &description["components"]["schemas"]["Error"];
    fits(&site.get("/salaries/nothing.json").await.json(), error).unwrap();
    assert!(fits(&json!({"status": 404}), error).is_err());
}

#[actix_web::test]
async fn a_filtered_selection_says_what_it_is_wherever_it_goes() {
    let site = TestSite::demo();
    let query = "?seniority=senior&country=UA";
    for address in [
        "/salaries/back-end-web",
        "/embed/salaries/back-end-web",
        "/salaries/back-end-web.svg",
    ] {
        site.get(&format!("{address}{query}"))
            .await
            .assert_ok()
            .assert_shows("Back-End Web Developer Salary in 2024 (Senior, Ukraine)")
            .assert_shows("Senior, Ukraine, Jan\u{2013}Dec 2024");
    }
    let page = site.get(&format!("/salaries/back-end-web{query}")).await;
    page.assert_shows(
        "data-copy=\"https://jobs.example/salaries/back-end-web?seniority=senior&#38;country=UA\"",
    );
    let csv = site
        .get(&format!("/salaries/back-end-web.csv{query}"))
        .await;
    let name = "attachment; filename=\"salaries-back-end-web-seniority-senior-country-UA.csv\"";
    assert_eq!(csv.header("content-disposition"), Some(name));
    assert_eq!(csv.header("x-robots-tag"), Some("noindex"));
    let whole = site.get("/salaries/back-end-web.csv").await;
    assert_eq!(whole.header("x-robots-tag"), None);
}

#[actix_web::test]
async fn an_address_written_with_needless_escapes_has_one_canonical_form() {
    let site = small_market();
    site.get("/%73alaries/%62ack%2Dend-web")
        .await
        .assert_redirects_to("/salaries/back-end-web");
    site.get("/salaries/back-end-web%2ejson")
        .await
        .assert_redirects_to("/salaries/back-end-web.json");
    site.get("/salaries%2fback-end-web")
        .await
        .assert_not_found();
}

#[actix_web::test]
async fn the_lower_of_two_highest_columns_is_named() {
    let rows = format!(
        "{HEADER}{}{}",
        crowd("devops", "", "2024-06-15", "senior,UA,12,open", 5),
        crowd("devops", "", "2024-06-15", "senior,UA,12,open", 5).replace(",10", ",50")
    );
    TestSite::with_rows(&rows)
        .get("/salaries/devops")
        .await
        .assert_ok()
        .assert_shows("The highest column, $1,000-1,499, holds 5 of them.");
}
