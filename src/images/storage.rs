//! Where the files of images are: a folder, or a bucket of a service that speaks S3's protocol.

use std::fmt;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use actix_web::web::{self, Bytes};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tempfile::NamedTempFile;

use super::bucket::Bucket;
use super::names::FileName;
use crate::error::AppError;

/// Where files are kept by their names.
pub trait Storage: fmt::Debug + Send + Sync {
    /// Keeps a file, in place of one of that name. Whoever reads meanwhile finds a whole file.
    fn put(&self, name: FileName, bytes: Bytes) -> Answer<()>;

    /// A file's bytes; `None` where there is no such file.
    fn get(&self, name: FileName) -> Answer<Option<Bytes>>;

    /// Removes a file, if it is there.
    fn delete(&self, name: FileName) -> Answer<()>;

    /// Whether there is such a file.
    fn exists(&self, name: FileName) -> Answer<bool>;
}

/// What a storage answers, after a while.
pub type Answer<T> = BoxFuture<'static, Result<T, StorageError>>;

/// The storage failed. Writes itself as one sentence for the log.
#[derive(Debug)]
pub struct StorageError(String);

impl StorageError {
    /// What could not be done, and why.
    #[must_use]
    pub fn new(what: &str, cause: impl fmt::Display) -> Self {
        Self(format!("{what}: {cause}"))
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StorageError {}

impl From<StorageError> for AppError {
    fn from(error: StorageError) -> Self {
        Self::Failed(error.0)
    }
}

/// `PAYBAND_MEDIA_URL`: where the files of images are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaUrl {
    /// A folder.
    Folder(PathBuf),
    /// A bucket; its service and credentials are in the environment variables of AWS.
    S3 {
        /// Its name.
        bucket: String,
        /// What the names of all files begin with; without slashes at its ends.
        prefix: String,
    },
}

impl FromStr for MediaUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "PAYBAND_MEDIA_URL is \u{201c}{text}\u{201d}, but s3://, a bucket and maybe a prefix are needed, such as \
                 s3://jobs/media; without it, images are kept in the data folder"
            )
        };
        let rest = text.strip_prefix("s3://").ok_or_else(wrong)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_matches('/');
        let is_plain = |part: &str| {
            part.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        };
        let is_right = !bucket.is_empty()
            && is_plain(bucket)
            && (prefix.is_empty()
                || prefix
                    .split('/')
                    .all(|part| is_plain(part) && !part.is_empty()));
        if !is_right {
            return Err(wrong());
        }
        Ok(Self::S3 {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        })
    }
}

/// Opens the storage at that place.
///
/// # Errors
/// One sentence that says what is wrong with the settings of a bucket.
pub fn open(url: &MediaUrl) -> Result<Arc<dyn Storage>, String> {
    Ok(match url {
        MediaUrl::Folder(folder) => Arc::new(Folder::new(folder)),
        MediaUrl::S3 { bucket, prefix } => Arc::new(Bucket::from_environment(bucket, prefix)?),
    })
}

/// Files in a folder.
#[derive(Debug)]
pub struct Folder {
    path: Arc<Path>,
}

impl Folder {
    /// The files in that folder, which is made when the first one is kept.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.into() }
    }

    /// Works in the folder, on a thread of its own.
    fn work<T: Send + 'static>(
        &self,
        what: &'static str,
        name: FileName,
        work: impl FnOnce(&Path, &FileName) -> io::Result<T> + Send + 'static,
    ) -> Answer<T> {
        let folder = Arc::clone(&self.path);
        let work = move || {
            work(&folder, &name).map_err(|error| {
                let file = folder.join(name.as_str());
                StorageError::new(&format!("cannot {what} {}", file.display()), error)
            })
        };
        async move {
            web::block(work)
                .await
                .unwrap_or_else(|error| Err(StorageError::new(what, error)))
        }
        .boxed()
    }
}

impl Storage for Folder {
    fn put(&self, name: FileName, bytes: Bytes) -> Answer<()> {
        self.work("write", name, move |folder, name| {
            std::fs::create_dir_all(folder)?;
            let mut file = NamedTempFile::new_in(folder)?;
            file.write_all(&bytes)?;
            file.as_file().sync_all()?;
            file.persist(folder.join(name.as_str()))?;
            Ok(())
        })
    }

    fn get(&self, name: FileName) -> Answer<Option<Bytes>> {
        self.work("read", name, |folder, name| {
            let read = std::fs::read(folder.join(name.as_str()));
            found(read.map(Bytes::from))
        })
    }

    fn delete(&self, name: FileName) -> Answer<()> {
        self.work("remove", name, |folder, name| {
            found(std::fs::remove_file(folder.join(name.as_str()))).map(|_| ())
        })
    }

    fn exists(&self, name: FileName) -> Answer<bool> {
        self.work("look for", name, |folder, name| {
            let metadata = std::fs::metadata(folder.join(name.as_str()));
            found(metadata).map(|found| found.is_some())
        })
    }
}

/// What was found; `None` where nothing is there.
fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// What every storage does.
#[cfg(test)]
pub(super) async fn assert_keeps_files(storage: &dyn Storage) {
    let name: FileName = "0123456789abcdef0123456789abcdef-480w.jpg".parse().unwrap();
    assert_eq!(storage.get(name.clone()).await.unwrap(), None);
    assert!(!storage.exists(name.clone()).await.unwrap());
    for bytes in ["one", "another"] {
        storage.put(name.clone(), Bytes::from(bytes)).await.unwrap();
        assert!(storage.exists(name.clone()).await.unwrap());
        let kept = storage.get(name.clone()).await.unwrap();
        assert_eq!(kept, Some(Bytes::from(bytes)));
    }
    storage.delete(name.clone()).await.unwrap();
    storage.delete(name.clone()).await.unwrap();
    assert_eq!(storage.get(name).await.unwrap(), None);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_bucket_is_checked() {
        let bucket = |bucket: &str, prefix: &str| {
            Ok(MediaUrl::S3 {
                bucket: bucket.to_owned(),
                prefix: prefix.to_owned(),
            })
        };
        assert_eq!("s3://jobs".parse(), bucket("jobs", ""));
        assert_eq!("s3://jobs/a/b/".parse(), bucket("jobs", "a/b"));
        for wrong in [
            "",
            "jobs",
            "s3://",
            "s3:///a",
            "https://jobs",
            "s3://a b",
            "s3://a/b//c",
            "s3://a/?x",
        ] {
            let error = wrong.parse::<MediaUrl>().unwrap_err();
            assert!(error.starts_with("PAYBAND_MEDIA_URL is"), "{error}");
        }
    }

    #[actix_web::test]
    async fn a_folder_keeps_files() {
        let folder = tempfile::tempdir().unwrap();
        assert_keeps_files(&Folder::new(&folder.path().join("new/media"))).await;
    }
}
