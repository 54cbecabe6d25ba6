//! The images' files of a running site: made of uploads, kept in the storage, read from it.

use std::sync::Arc;
use std::thread;

use actix_web::web::Bytes;
use tokio::sync::{Semaphore, oneshot};

use super::names::{FileName, Original};
use super::processing::{Prepared, Refusal, prepare};
use super::storage::{self, MediaUrl, Storage, StorageError};

/// Uploads that are made ready at a time: each may take half a gigabyte of memory.
const WORKSHOPS: usize = 1;

/// The storage, and those who work for it; shared by all workers.
#[derive(Debug)]
pub struct Media {
    storage: Arc<dyn Storage>,
    workshops: Arc<Semaphore>,
}

impl Media {
    /// The files at that place.
    ///
    /// # Errors
    /// One sentence that says what is wrong with the settings.
    pub fn open(url: &MediaUrl) -> Result<Self, String> {
        Ok(Self::of(storage::open(url)?))
    }

    /// The files in that storage.
    #[must_use]
    pub fn of(storage: Arc<dyn Storage>) -> Self {
        Self {
            storage,
            workshops: Arc::new(Semaphore::new(WORKSHOPS)),
        }
    }

    /// Makes the files that are kept of an uploaded one, on a thread of its own, when those that came before are done.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn prepare(&self, upload: Bytes) -> Result<Prepared, Refusal> {
        // Held until it is done, even where whoever sent the upload has gone.
        let workshop = Arc::clone(&self.workshops).acquire_owned().await;
        let (send, receive) = oneshot::channel();
        let thread = thread::Builder::new().name("image".to_owned());
        let started = thread.spawn(move || {
            let _ = send.send(prepare(&upload));
            drop(workshop);
        });
        if let Err(error) = started {
            log::error!("an image cannot be made ready: no thread: {error}");
        }
        // A decoder that fell over an image has dropped the sender.
        receive.await.unwrap_or(Err(Refusal::Broken))
    }

    /// Keeps all files of an image, the widest version last: where that one is, the others are.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn keep(&self, prepared: Prepared) -> Result<(), StorageError> {
        for (name, bytes) in prepared.files {
            self.storage.put(name, Bytes::from(bytes)).await?;
        }
        Ok(())
    }

    /// Whether there is a file of that name.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn has(&self, name: FileName) -> Result<bool, StorageError> {
        self.storage.exists(name).await
    }

    /// The bytes of a file; `None` where there is none of that name.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn file(&self, name: FileName) -> Result<Option<Bytes>, StorageError> {
        self.storage.get(name).await
    }

    /// Removes all files of an image.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn discard(&self, original: &Original) -> Result<(), StorageError> {
        // The widest version first, for what counts is whether that one is there.
        for name in original.files().into_iter().rev() {
            self.storage.delete(name).await?;
        }
        Ok(())
    }
}
