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
        let line = format!("{} {}", request.method(), request.uri());
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
