//! One form of every path: lower case, no slash at its end, no empty segment. Other forms answer 301 in one hop.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::LOCATION;
use actix_web::http::uri::PathAndQuery;
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse};

/// The layer. A request in another form is handled as if it had come in the canonical one; then, where there is a page,
/// the answer is a redirect to it, and where the handler itself redirects, that redirect stands, so that there is only
/// one hop.
///
/// # Errors
/// Those of the layers below.
pub async fn paths(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let Some(uri) = canonical(request.uri()).filter(|_| reads) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    request.match_info_mut().get_mut().update(&uri);
    request.head_mut().uri = uri.clone();
    let response = next.call(request).await?;
    let status = response.status();
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
        let redirect = moved_permanently(&uri.to_string());
        return Ok(response.into_response(redirect));
    }
    Ok(response.map_into_boxed_body())
}

/// A redirect for good.
#[must_use]
pub fn moved_permanently(to: &str) -> HttpResponse {
    HttpResponse::build(StatusCode::MOVED_PERMANENTLY)
        .insert_header((LOCATION, to))
        .finish()
}

/// The canonical form; `None` where the address is in it.
fn canonical(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let plain = without_needless_escapes(path);
    let segments = plain.split('/').filter(|segment| !segment.is_empty());
    let canonical = segments.fold(String::new(), |path, segment| {
        path + "/" + &segment.to_lowercase()
    });
    let canonical = if canonical.is_empty() {
        "/"
    } else {
        &canonical
    };
    if canonical == path {
        return None;
    }
    let path_and_query = match uri.query() {
        Some(query) => format!("{canonical}?{query}"),
        None => canonical.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path_and_query).ok()?);
    Uri::from_parts(parts).ok()
}

/// The path with letters, digits and `-._~` written as they are; other escapes stay.
fn without_needless_escapes(path: &str) -> String {
    let mut parts = path.split('%');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let byte = part
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let plainly = byte.filter(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(byte));
        if let Some(byte) = plainly {
            plain.push(char::from(byte));
            plain.push_str(part.get(2..).unwrap_or_default());
        } else {
            plain.push('%');
            plain.push_str(part);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_form() {
        let form = |path: &str| canonical(&path.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(form("/"), None);
        assert_eq!(form("/salaries/devops"), None);
        assert_eq!(
            form("/Salaries//DevOps/?country=UA").as_deref(),
            Some("/salaries/devops?country=UA")
        );
        assert_eq!(form("//").as_deref(), Some("/"));
        assert_eq!(
            form("/%73alaries/Back%2Dend").as_deref(),
            Some("/salaries/back-end")
        );
        assert_eq!(form("/a%2fb"), None);
        assert_eq!(form("/a%"), None);
    }
}
