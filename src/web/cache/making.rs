//! Who makes a page that is not kept: one request for all that ask for it at the same time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

/// The pages that are being made, by their keys.
#[derive(Default)]
pub(super) struct Workshop(Mutex<HashMap<String, watch::Receiver<bool>>>);

/// Whose turn it is.
pub(super) enum Turn<'a> {
    /// The request's own.
    Mine(Making<'a>),
    /// That of another request, which makes the page already.
    Theirs(Waiting),
}

impl Workshop {
    /// Asks whose turn it is to make a page.
    pub(super) fn turn<'a>(&'a self, key: &'a str) -> Turn<'a> {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = pages.get(key) {
            return Turn::Theirs(Waiting(made.clone()));
        }
        let (cannot_be_kept, made) = watch::channel(false);
        pages.insert(key.to_owned(), made);
        Turn::Mine(Making {
            workshop: self,
            key,
            cannot_be_kept,
        })
    }
}

/// The turn to make a page. It ends with the value, however the making ends.
pub(super) struct Making<'a> {
    workshop: &'a Workshop,
    key: &'a str,
    cannot_be_kept: watch::Sender<bool>,
}

impl Making<'_> {
    /// Tells those who wait that what is at the address cannot be kept, so that they need not take turns.
    pub(super) fn cannot_be_kept(&self) {
        self.cannot_be_kept.send_replace(true);
    }
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        let mut pages = self
            .workshop
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        pages.remove(self.key);
    }
}

/// Waits while another request makes the page.
pub(super) struct Waiting(watch::Receiver<bool>);

impl Waiting {
    /// Waits until that request is done. Answers whether it found that the page cannot be kept.
    pub(super) async fn cannot_be_kept(mut self) -> bool {
        self.0
            .wait_for(|cannot_be_kept| *cannot_be_kept)
            .await
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn one_makes_a_page_and_the_others_wait_until_the_turn_ends() {
        let workshop = Workshop::default();
        let Turn::Mine(making) = workshop.turn("/a") else {
            panic!("the first has the turn");
        };
        let Turn::Theirs(waiting) = workshop.turn("/a") else {
            panic!("the second waits");
        };
        assert!(matches!(workshop.turn("/b"), Turn::Mine(_)));
        drop(making);
        assert!(!waiting.cannot_be_kept().await);
        assert!(matches!(workshop.turn("/a"), Turn::Mine(_)));
    }

    #[actix_web::test]
    async fn those_who_wait_hear_that_a_page_cannot_be_kept() {
        let workshop = Workshop::default();
        let Turn::Mine(making) = workshop.turn("/a") else {
            panic!("the first has the turn");
        };
        let (Turn::Theirs(early), Turn::Theirs(late)) = (workshop.turn("/a"), workshop.turn("/a"))
        else {
            panic!("the others wait");
        };
        making.cannot_be_kept();
        assert!(early.cannot_be_kept().await);
        drop(making);
        assert!(late.cannot_be_kept().await);
    }
}
