//! Mails as `.eml` files, which mail programs open, while no server is set.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::Utc;

use super::{Message, Outcome};

/// Writes a message into the folder. A file that is there is whole.
pub(super) fn write(folder: &Path, message: &Message) -> Outcome {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let time = Utc::now().format("%Y%m%dT%H%M%S%.6f");
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("{time}-{}-{count}.eml", std::process::id());
    let written = fs::create_dir_all(folder).and_then(|()| {
        let file = tempfile::NamedTempFile::new_in(folder)?;
        fs::write(file.path(), message.bytes())?;
        file.persist(folder.join(&name))
            .map_err(|error| error.error)?;
        Ok(())
    });
    match written {
        Ok(()) => Outcome::Sent(format!("written into the file {name}")),
        Err(error) => Outcome::Down(format!(
            "mails cannot be written into {}: {error}",
            folder.display()
        )),
    }
}
