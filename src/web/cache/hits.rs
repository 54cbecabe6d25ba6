//! The outermost layer: answers from the cache before anything else is done.

use std::future::{Ready, ready};

use actix_web::Error;
use actix_web::body::BoxBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::web::Data;
use futures_util::future::Either;

use super::Cache;

/// The layer.
pub struct Hits(
    /// Where it looks.
    pub Data<Cache>,
);

impl<S> Transform<S, ServiceRequest> for Hits
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error>,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Transform = HitsOr<S>;
    type InitError = ();
    type Future = Ready<Result<HitsOr<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let cache = self.0.clone();
        ready(Ok(HitsOr { cache, service }))
    }
}

/// The cache, or else the layers below.
pub struct HitsOr<S> {
    cache: Data<Cache>,
    service: S,
}

impl<S> Service<ServiceRequest> for HitsOr<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error>,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = Either<Ready<Result<ServiceResponse<BoxBody>, Error>>, S::Future>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        match self.cache.hit(request.head()) {
            Some(response) => {
                let (request, _) = request.into_parts();
                Either::Left(ready(Ok(ServiceResponse::new(request, response))))
            }
            None => Either::Right(self.service.call(request)),
        }
    }
}
