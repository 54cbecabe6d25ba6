//! A line in the log for every request, where the log asks for it.

use std::future::{Ready, ready};
use std::time::Instant;

use actix_web::Error;
use actix_web::body::BoxBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture};

/// What `RUST_LOG` calls these lines.
const TARGET: &str = "payband::requests";

/// The layer. It costs nothing while nobody asks for its lines.
pub struct RequestLines;

impl<S> Transform<S, ServiceRequest> for RequestLines
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error>,
    S::Future: 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Transform = WithLines<S>;
    type InitError = ();
    type Future = Ready<Result<WithLines<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(WithLines { service }))
    }
}

/// The layers below, with a line for every request.
pub struct WithLines<S> {
    service: S,
}

impl<S> Service<ServiceRequest> for WithLines<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error>,
    S::Future: 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = Either<S::Future, LocalBoxFuture<'static, Result<Self::Response, Error>>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        if !log::log_enabled!(target: TARGET, log::Level::Debug) {
            return Either::Left(self.service.call(request));
        }
        let query = request.uri().query();
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let line = format!("{} {}{query}", request.method(), shortened(request.path()));
        let began = Instant::now();
        let answered = self.service.call(request).inspect(move |answered| {
            let status = answered.as_ref().map_or_else(
                |error| error.as_response_error().status_code(),
                ServiceResponse::status,
            );
            let took = began.elapsed();
            log::debug!(target: TARGET, "{} {line} {took:.1?}", status.as_u16());
        });
        Either::Right(answered.boxed_local())
    }
}

/// Letters of a part of a path that may be a secret: links in mails and invitations have such parts.
const SECRET: usize = 30;

/// A path in which what may be a secret is cut off.
fn shortened(path: &str) -> String {
    let parts = path.split('/').map(|part| {
        // A slug of that length has hyphens and no capitals.
        let is_secret = part.len() >= SECRET
            && (!part.contains('-') || part.bytes().any(|byte| byte.is_ascii_uppercase()));
        match part.get(..4).filter(|_| is_secret) {
            Some(beginning) => format!("{beginning}\u{2026}"),
            None => part.to_owned(),
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_written_down() {
        let link = "/newsletter/confirm/Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4_-9";
        assert_eq!(shortened(link), "/newsletter/confirm/Zm9v\u{2026}");
        for open in [
            "/",
            "/salaries/back-end-web/django.csv",
            "/articles/where-django-3-is-used-and-what-it-is-for",
        ] {
            assert_eq!(shortened(open), open);
        }
    }
}
