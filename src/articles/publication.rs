//! From what an editor wishes to whether visitors see an article, and since when.

use chrono::{NaiveDateTime, Timelike};

use super::{Publication, State};
use crate::market::words::vocabulary;

vocabulary! {
    /// What a press of a button asks for.
    Wish, "a wish" {
        /// What it says is saved; whether visitors see it stays as it is.
        Save = "save", "Save";
        /// Visitors see it, from the given time on.
        Publish = "publish", "Publish";
        /// Visitors see it, from now on.
        PublishNow = "publish_now", "Publish now";
        /// It is published by itself at the given time.
        Schedule = "schedule", "Schedule";
        /// Visitors do not see it any more, and are told so.
        Withdraw = "withdraw", "Withdraw";
        /// It is a draft again.
        Draft = "draft", "Back to draft";
    }
}

impl Publication {
    /// What follows from a wish, with the date and time that the form gives, to the minute.
    ///
    /// # Errors
    /// What is wrong with the date, as a sentence.
    pub fn after(
        self,
        wish: Wish,
        given: Option<NaiveDateTime>,
        now: NaiveDateTime,
    ) -> Result<Self, &'static str> {
        // The form knows no seconds: what it gives back of a date is the same date.
        let given = match (given, self.published_at) {
            (Some(given), Some(known)) if to_the_minute(known) == to_the_minute(given) => {
                Some(known)
            }
            (given, _) => given,
        };
        match wish {
            Wish::Save => self.saved(given, now),
            Wish::Publish => Ok(match given.or(self.published_at) {
                Some(at) if at > now => Self::of(State::Scheduled, at),
                Some(at) => Self::of(State::Published, at),
                None => Self::of(State::Published, now),
            }),
            Wish::PublishNow => Ok(Self::of(State::Published, now)),
            Wish::Schedule if self.state == State::Published => {
                Err("It is published already: withdraw it before you schedule it.")
            }
            Wish::Schedule => match given {
                None => Err("Give the date and time at which it is to be published."),
                Some(at) if at <= now => {
                    Err("That is past: give a time to come, or publish it now.")
                }
                Some(at) => Ok(Self::of(State::Scheduled, at)),
            },
            Wish::Withdraw if self.state == State::Published => Ok(Self {
                state: State::Withdrawn,
                ..self
            }),
            Wish::Withdraw if self.state == State::Withdrawn => Ok(self),
            Wish::Withdraw | Wish::Draft => Ok(Self::DRAFT),
        }
    }

    fn saved(self, given: Option<NaiveDateTime>, now: NaiveDateTime) -> Result<Self, &'static str> {
        match (self.state, given) {
            (State::Draft, None) => Ok(self),
            (State::Draft, Some(_)) => {
                Err("A draft has no date: schedule it or publish it, or leave the date empty.")
            }
            (State::Scheduled, None) => {
                Err("A scheduled article needs a date; without one it is a draft again.")
            }
            (State::Scheduled, Some(at)) if Some(at) != self.published_at && at <= now => {
                Err("That is past: give a time to come, or publish it now.")
            }
            (State::Published | State::Withdrawn, Some(at)) if at > now => {
                Err("That is to come, and it was published already.")
            }
            (_, given) => Ok(Self {
                published_at: given.or(self.published_at),
                ..self
            }),
        }
    }

    const fn of(state: State, at: NaiveDateTime) -> Self {
        Self {
            state,
            published_at: Some(at),
        }
    }
}

fn to_the_minute(at: NaiveDateTime) -> Option<NaiveDateTime> {
    at.with_second(0)?.with_nanosecond(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    const NOW: &str = "2026-11-27T12:00:30";
    const PAST: &str = "2026-11-20T09:00:00";
    const TO_COME: &str = "2026-12-01T09:00:00";

    fn after(
        state: State,
        published_at: Option<&str>,
        wish: Wish,
        given: Option<&str>,
    ) -> Result<(State, Option<String>), &'static str> {
        let before = Publication {
            state,
            published_at: published_at.map(at),
        };
        let after = before.after(wish, given.map(at), at(NOW))?;
        let published_at = after.published_at;
        Ok((
            after.state,
            published_at.map(|at| at.format("%Y-%m-%dT%H:%M:%S").to_string()),
        ))
    }

    #[test]
    fn publishing_happens_now_or_at_the_given_time() {
        let publish = |given| after(State::Draft, None, Wish::Publish, given).unwrap();
        assert_eq!(publish(None), (State::Published, Some(NOW.to_owned())));
        assert_eq!(
            publish(Some(PAST)),
            (State::Published, Some(PAST.to_owned()))
        );
        assert_eq!(
            publish(Some(TO_COME)),
            (State::Scheduled, Some(TO_COME.to_owned()))
        );
    }

    #[test]
    fn scheduling_needs_a_time_to_come() {
        let schedule = |given| after(State::Draft, None, Wish::Schedule, given);
        assert!(schedule(None).unwrap_err().contains("Give the date"));
        assert!(schedule(Some(PAST)).unwrap_err().contains("past"));
        assert_eq!(schedule(Some(TO_COME)).unwrap().0, State::Scheduled);
        assert!(after(State::Published, Some(PAST), Wish::Schedule, Some(TO_COME)).is_err());
    }

    #[test]
    fn saving_changes_a_date_and_never_the_state() {
        assert_eq!(
            after(State::Draft, None, Wish::Save, None).unwrap(),
            (State::Draft, None)
        );
        assert!(after(State::Draft, None, Wish::Save, Some(PAST)).is_err());
        let published = |given| {
            after(
                State::Published,
                Some("2026-11-20T09:00:41"),
                Wish::Save,
                given,
            )
        };
        // The minute of the very date leaves its seconds alone.
        assert_eq!(
            published(Some(PAST)).unwrap().1.as_deref(),
            Some("2026-11-20T09:00:41")
        );
        assert_eq!(published(None).unwrap().0, State::Published);
        assert!(published(Some(TO_COME)).is_err());
        let scheduled = |given| after(State::Scheduled, Some(TO_COME), Wish::Save, given);
        assert!(scheduled(None).is_err());
        assert!(scheduled(Some(PAST)).is_err());
        assert_eq!(
            scheduled(Some("2026-12-02T09:00:00")).unwrap().1.as_deref(),
            Some("2026-12-02T09:00:00")
        );
    }

    #[test]
    fn what_was_published_is_withdrawn_and_keeps_its_date() {
        assert_eq!(
            after(State::Published, Some(PAST), Wish::Withdraw, None).unwrap(),
            (State::Withdrawn, Some(PAST.to_owned()))
        );
        assert_eq!(
            after(State::Withdrawn, Some(PAST), Wish::Publish, None).unwrap(),
            (State::Published, Some(PAST.to_owned()))
        );
        assert_eq!(
            after(State::Scheduled, Some(TO_COME), Wish::Draft, None).unwrap(),
            (State::Draft, None)
        );
    }
}
