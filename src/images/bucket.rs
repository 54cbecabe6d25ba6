//! Files in a bucket of a service that speaks S3's protocol.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Bytes;
use futures_util::FutureExt as _;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, ClientOptions, Error, ObjectStore as _, ObjectStoreExt as _, PutOptions,
    RetryConfig,
};
use tokio_rustls::rustls::crypto::ring;

use super::names::FileName;
use super::pages::FOR_A_YEAR;
use super::storage::{Answer, Storage, StorageError};

/// How long the service may take to answer, and how often it is asked again when it does not.
const PATIENCE: Duration = Duration::from_secs(20);
const MOST_RETRIES: usize = 2;

/// The files below a prefix in a bucket.
pub struct Bucket {
    service: Arc<AmazonS3>,
    /// For messages.
    name: String,
    prefix: String,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bucket({}/{})", self.name, self.prefix)
    }
}

impl Bucket {
    /// A bucket of the service, and with the credentials, that the environment variables of AWS name.
    ///
    /// # Errors
    /// One sentence that says what is wrong with them.
    pub fn from_environment(bucket: &str, prefix: &str) -> Result<Self, String> {
        Self::new(AmazonS3Builder::from_env(), bucket, prefix)
    }

    /// A bucket of a service.
    ///
    /// # Errors
    /// One sentence that says what is wrong with the settings.
    pub fn new(settings: AmazonS3Builder, bucket: &str, prefix: &str) -> Result<Self, String> {
        // Only the first of a process counts, and all are alike.
        let _ = ring::default_provider().install_default();
        let endpoint = settings.get_config_value(&AmazonS3ConfigKey::Endpoint);
        let endpoint = endpoint.unwrap_or_default();
        let is_plain = endpoint.starts_with("http://");
        if !(endpoint.is_empty() || is_plain || endpoint.starts_with("https://")) {
            return Err(format!(
                "AWS_ENDPOINT_URL is \u{201c}{endpoint}\u{201d}, but an address of a service is needed, such as \
                 https://s3.example.org"
            ));
        }
        let options = ClientOptions::new()
            .with_timeout(PATIENCE)
            .with_connect_timeout(PATIENCE / 4)
            .with_allow_http(is_plain);
        let service = settings
            .with_bucket_name(bucket)
            .with_client_options(options)
            // One by one: not every service knows how to remove several at once.
            .with_disable_bulk_delete(true)
            .with_retry(RetryConfig {
                max_retries: MOST_RETRIES,
                retry_timeout: PATIENCE,
                ..RetryConfig::default()
            })
            .build()
            .map_err(|error| {
                format!(
                    "PAYBAND_MEDIA_URL names a bucket, but the AWS settings cannot be used: {error}"
                )
            })?;
        Ok(Self {
            service: Arc::new(service),
            name: bucket.to_owned(),
            prefix: prefix.to_owned(),
        })
    }

    fn path(&self, name: &FileName) -> Path {
        match self.prefix.as_str() {
            "" => Path::from(name.as_str()),
            prefix => Path::from(format!("{prefix}/{name}")),
        }
    }

    /// The sentence for a failure.
    fn failed(&self, what: &str, path: &Path) -> impl FnOnce(Error) -> StorageError + use<> {
        let what = format!("cannot {what} {path} in the bucket {}", self.name);
        move |error| StorageError::new(&what, error)
    }
}

impl Storage for Bucket {
    fn put(&self, name: FileName, bytes: Bytes) -> Answer<()> {
        let (service, path) = (Arc::clone(&self.service), self.path(&name));
        let failed = self.failed("write", &path);
        // For whoever serves the bucket without payband.
        let attributes = Attributes::from_iter([
            (Attribute::ContentType, name.format().content_type()),
            (Attribute::CacheControl, FOR_A_YEAR),
        ]);
        async move {
            let options = PutOptions::from(attributes);
            let put = service.put_opts(&path, bytes.into(), options).await;
            put.map(|_| ()).map_err(failed)
        }
        .boxed()
    }

    fn get(&self, name: FileName) -> Answer<Option<Bytes>> {
        let (service, path) = (Arc::clone(&self.service), self.path(&name));
        let failed = self.failed("read", &path);
        async move {
            let read = async { service.get(&path).await?.bytes().await };
            found(read.await).map_err(failed)
        }
        .boxed()
    }

    fn delete(&self, name: FileName) -> Answer<()> {
        let (service, path) = (Arc::clone(&self.service), self.path(&name));
        let failed = self.failed("remove", &path);
        async move {
            let removed = found(service.delete(&path).await);
            removed.map(|_| ()).map_err(failed)
        }
        .boxed()
    }

    fn exists(&self, name: FileName) -> Answer<bool> {
        let (service, path) = (Arc::clone(&self.service), self.path(&name));
        let failed = self.failed("look for", &path);
        async move {
            let metadata = found(service.head(&path).await);
            metadata.map(|found| found.is_some()).map_err(failed)
        }
        .boxed()
    }
}

/// What was found; `None` where nothing is there.
fn found<T>(result: object_store::Result<T>) -> object_store::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::thread;

    use super::super::storage::assert_keeps_files;
    use super::*;

    /// A service with one bucket in memory, for one client after the other. It asks for a signature, and does not check it.
    fn service() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            let mut objects = HashMap::new();
            for client in listener.incoming() {
                while answer(client.as_ref().unwrap(), &mut objects).is_some() {}
            }
        });
        address
    }

    /// Answers one request; `None` when the client has none.
    fn answer(mut client: &TcpStream, objects: &mut HashMap<String, Vec<u8>>) -> Option<()> {
        let mut reader = BufReader::new(client);
        let lines = (&mut reader).lines().map_while(Result::ok);
        let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
        let (method, rest) = head.first()?.split_once(' ')?;
        let path = rest.split(' ').next()?.to_owned();
        let header = |name: &str| {
            let mut headers = head.iter().filter_map(|line| line.split_once(": "));
            let found = headers.find(|(header, _)| header.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.to_owned())
        };
        let length = header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let is_signed = header("authorization").is_some_and(|it| it.contains("Credential=me/"));
        let object = objects.get(&path).cloned();
        let (status, content) = match (method, object) {
            _ if !is_signed => ("403 Forbidden", Vec::new()),
            ("PUT", _) => {
                assert!(header("cache-control").unwrap().contains("immutable"));
                assert_eq!(header("content-type").unwrap(), "image/jpeg");
                objects.insert(path, body);
                ("200 OK", Vec::new())
            }
            ("DELETE", _) => {
                objects.remove(&path);
                ("204 No Content", Vec::new())
            }
            ("GET" | "HEAD", Some(object)) => ("200 OK", object),
            _ => ("404 Not Found", Vec::new()),
        };
        let length = content.len();
        let sent = if method == "HEAD" { &[][..] } else { &content };
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nETag: \"1\"\r\n\
             Last-Modified: Fri, 27 Nov 2026 12:00:00 GMT\r\n\r\n"
        );
        client.write_all(&[head.as_bytes(), sent].concat()).ok()
    }

    fn settings(endpoint: &str) -> AmazonS3Builder {
        AmazonS3Builder::new()
            .with_endpoint(endpoint)
            .with_access_key_id("me")
            .with_secret_access_key("secret")
            .with_region("here")
    }

    #[actix_web::test]
    async fn a_bucket_keeps_files() {
        let service = service();
        for prefix in ["", "site/media"] {
            let bucket = Bucket::new(settings(&service), "jobs", prefix).unwrap();
            assert_keeps_files(&bucket).await;
        }
    }

    #[actix_web::test]
    async fn a_bucket_that_refuses_or_is_not_there_is_named() {
        let name: FileName = "0123456789abcdef0123456789abcdef-480w.jpg".parse().unwrap();
        let stranger = settings(&service()).with_access_key_id("stranger");
        for settings in [stranger, settings("http://127.0.0.1:9")] {
            let bucket = Bucket::new(settings, "jobs", "site").unwrap();
            let error = bucket.get(name.clone()).await.unwrap_err().to_string();
            assert!(error.starts_with("cannot read site/0123"), "{error}");
            assert!(
                error.contains("in the bucket jobs") && !error.contains("secret"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_wrong_endpoint_is_named() {
        let error = Bucket::new(settings("s3.example.org"), "jobs", "").unwrap_err();
        assert!(error.starts_with("AWS_ENDPOINT_URL is"), "{error}");
    }
}
