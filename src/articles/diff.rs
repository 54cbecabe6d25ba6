//! What differs between two texts, word by word, and what becomes of a text that two editors changed at the same time.

use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

/// How long two texts are compared: what takes longer comes out coarser, and still true.
const PATIENCE: Duration = Duration::from_millis(400);

/// Words that are shown before and after a change; what lies between is left out.
const CONTEXT: usize = 24;

/// What happened to a piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is in both.
    Kept,
    /// It is in the first alone.
    Removed,
    /// It is in the second alone.
    Added,
    /// It is in both and not shown.
    LeftOut,
}

/// A piece of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What happened to it.
    pub change: Change,
    /// The text; where it is left out, how many words it has.
    pub text: String,
}

/// Compares two texts word by word.
#[must_use]
pub fn words(from: &str, to: &str) -> Vec<Piece> {
    let (from, to) = (tokens(from), tokens(to));
    let mut pieces: Vec<(Change, Vec<&str>)> = Vec::new();
    for op in compared(&from, &to) {
        let (removed, added) = (of(&from, op.old_range()), of(&to, op.new_range()));
        if matches!(op, DiffOp::Equal { .. }) {
            add(&mut pieces, Change::Kept, removed);
        } else {
            add(&mut pieces, Change::Removed, removed);
            add(&mut pieces, Change::Added, added);
        }
    }
    shortened(&joined(pieces))
}

/// Words and what stands between them, each on its own.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind = kind_of(first);
        let end = match kind {
            // Of signs each stands alone, so that a comma more is a comma more.
            Kind::Sign => first.len_utf8(),
            _ => rest
                .find(|letter| kind_of(letter) != kind)
                .unwrap_or(rest.len()),
        };
        let (token, others) = rest.split_at(end);
        tokens.push(token);
        rest = others;
    }
    tokens
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Line,
    Space,
    Sign,
}

fn kind_of(letter: char) -> Kind {
    match letter {
        '\n' => Kind::Line,
        _ if letter.is_whitespace() => Kind::Space,
        _ if letter.is_alphanumeric() || letter == '_' => Kind::Word,
        _ => Kind::Sign,
    }
}

fn compared(from: &[&str], to: &[&str]) -> Vec<DiffOp> {
    let deadline = Instant::now().checked_add(PATIENCE);
    capture_diff_slices_deadline(Algorithm::Myers, from, to, deadline)
}

fn of<'a, 'b>(tokens: &'b [&'a str], range: std::ops::Range<usize>) -> &'b [&'a str] {
    tokens.get(range).unwrap_or_default()
}

fn add<'a>(pieces: &mut Vec<(Change, Vec<&'a str>)>, change: Change, tokens: &[&'a str]) {
    if tokens.is_empty() {
        return;
    }
    match pieces.last_mut() {
        Some((last, known)) if *last == change => known.extend(tokens),
        _ => pieces.push((change, tokens.to_vec())),
    }
}

/// Joins changes between which only a space was kept: "a new text" for "an old word" is one change, not two.
fn joined(pieces: Vec<(Change, Vec<&str>)>) -> Vec<(Change, Vec<&str>)> {
    let mut joined = Vec::new();
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    let mut pieces = pieces.into_iter().peekable();
    while let Some((change, tokens)) = pieces.next() {
        let is_inside = !(removed.is_empty() && added.is_empty()) && pieces.peek().is_some();
        let is_gap = tokens
            .iter()
            .all(|token| token.trim_matches(' ').is_empty());
        match change {
            Change::Removed => removed.extend(tokens),
            Change::Added => added.extend(tokens),
            _ if is_inside && is_gap => {
                removed.extend(&tokens);
                added.extend(&tokens);
            }
            _ => {
                add(&mut joined, Change::Removed, &std::mem::take(&mut removed));
                add(&mut joined, Change::Added, &std::mem::take(&mut added));
                joined.push((change, tokens));
            }
        }
    }
    add(&mut joined, Change::Removed, &removed);
    add(&mut joined, Change::Added, &added);
    joined
}

/// Leaves out what is far from any change.
fn shortened(pieces: &[(Change, Vec<&str>)]) -> Vec<Piece> {
    let mut short = Vec::new();
    let last = pieces.len().saturating_sub(1);
    for (index, (change, tokens)) in pieces.iter().enumerate() {
        let before = if index == 0 { 0 } else { 2 * CONTEXT };
        let after = if index == last { 0 } else { 2 * CONTEXT };
        if *change != Change::Kept || tokens.len() <= before + after + CONTEXT {
            short.push(piece(*change, tokens));
            continue;
        }
        let (head, rest) = tokens.split_at(before);
        let (middle, tail) = rest.split_at(rest.len() - after);
        let words = middle.iter().filter(|token| is_word(token)).count();
        short.extend([
            piece(Change::Kept, head),
            Piece {
                change: Change::LeftOut,
                text: format!("{words} words as before"),
            },
            piece(Change::Kept, tail),
        ]);
    }
    short.retain(|piece| !piece.text.is_empty());
    short
}

fn piece(change: Change, tokens: &[&str]) -> Piece {
    Piece {
        change,
        text: tokens.concat(),
    }
}

fn is_word(token: &str) -> bool {
    token
        .chars()
        .next()
        .is_some_and(|first| kind_of(first) == Kind::Word)
}

/// The line before the first of two versions that could not be merged.
pub const MARK_OF_MINE: &str = "<<<<<<< Your version";
/// The line between them; the name of the other editor follows it.
pub const MARK_OF_THEIRS: &str = "======= The version of";
/// The line after both.
pub const MARK_OF_END: &str = ">>>>>>> Choose one of the two, and take out these three lines";

/// A text that two editors made of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The text. Where both changed the same lines it has both, between marks.
    pub text: String,
    /// How often that is.
    pub clashes: usize,
}

/// Puts together what two editors made of a text, line by line.
#[must_use]
pub fn merged(base: &str, mine: &str, theirs: &str, their_name: &str) -> Merged {
    let base: Vec<&str> = base.split_inclusive('\n').collect();
    let (mine, theirs) = (hunks(&base, mine), hunks(&base, theirs));
    let (mut my_rest, mut their_rest) = (mine.as_slice(), theirs.as_slice());
    let mut merged = Merged {
        text: String::new(),
        clashes: 0,
    };
    let mut at = 0;
    while let Some(start) = first_start(my_rest, their_rest) {
        let mut end = start;
        let (mut mine, mut theirs) = (Vec::new(), Vec::new());
        // Changes that touch one another belong together.
        while take(&mut my_rest, &mut end, &mut mine)
            || take(&mut their_rest, &mut end, &mut theirs)
        {}
        merged.text.extend(of(&base, at..start).iter().copied());
        let before = of(&base, start..end).concat();
        let mine = applied(&base, start, end, &mine);
        let theirs = applied(&base, start, end, &theirs);
        if mine == theirs || theirs == before {
            merged.text.push_str(&mine);
        } else if mine == before {
            merged.text.push_str(&theirs);
        } else {
            merged.clashes += 1;
            merged.text.push_str(&clash(&mine, &theirs, their_name));
        }
        at = end;
    }
    merged
        .text
        .extend(of(&base, at..base.len()).iter().copied());
    merged
}

/// Lines of the base that a text has others for.
struct Hunk {
    start: usize,
    end: usize,
    text: String,
}

fn hunks(base: &[&str], text: &str) -> Vec<Hunk> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let ops = compared(base, &lines).into_iter();
    let changes = ops.filter(|op| !matches!(op, DiffOp::Equal { .. }));
    let mut hunks: Vec<Hunk> = Vec::new();
    for op in changes {
        let (old, new) = (op.old_range(), of(&lines, op.new_range()).concat());
        match hunks.last_mut() {
            Some(last) if last.end == old.start => {
                last.end = old.end;
                last.text.push_str(&new);
            }
            _ => hunks.push(Hunk {
                start: old.start,
                end: old.end,
                text: new,
            }),
        }
    }
    hunks
}

fn first_start(mine: &[Hunk], theirs: &[Hunk]) -> Option<usize> {
    let firsts = [mine.first(), theirs.first()];
    firsts.into_iter().flatten().map(|hunk| hunk.start).min()
}

/// Takes the next change where it touches the region that ends there, and widens the region.
fn take<'a>(rest: &mut &'a [Hunk], end: &mut usize, taken: &mut Vec<&'a Hunk>) -> bool {
    match rest.split_first() {
        Some((first, others)) if first.start <= *end => {
            *end = first.end.max(*end);
            taken.push(first);
            *rest = others;
            true
        }
        _ => false,
    }
}

/// The lines of a region with the changes of one side.
fn applied(base: &[&str], start: usize, end: usize, hunks: &[&Hunk]) -> String {
    let mut text = String::new();
    let mut at = start;
    for hunk in hunks {
        text.extend(of(base, at..hunk.start).iter().copied());
        text.push_str(&hunk.text);
        at = hunk.end;
    }
    text.extend(of(base, at..end).iter().copied());
    text
}

fn clash(mine: &str, theirs: &str, their_name: &str) -> String {
    let line = |text: &str| match text {
        "" => String::new(),
        text => format!("{}\n", text.trim_end_matches('\n')),
    };
    format!(
        "{MARK_OF_MINE}\n{}{MARK_OF_THEIRS} {their_name}\n{}{MARK_OF_END}\n",
        line(mine),
        line(theirs)
    )
}

/// Whether a text still has the marks of two versions.
#[must_use]
pub fn is_unmerged(text: &str) -> bool {
    text.lines()
        .any(|line| line == MARK_OF_MINE || line == MARK_OF_END || line.starts_with(MARK_OF_THEIRS))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A comparison as one line: `[-removed-]`, `[+added+]`.
    fn line(from: &str, to: &str) -> String {
        let piece = |piece: Piece| match piece.change {
            Change::Kept => piece.text,
            Change::Removed => format!("[-{}-]", piece.text),
            Change::Added => format!("[+{}+]", piece.text),
            Change::LeftOut => format!("[{}]", piece.text),
        };
        words(from, to).into_iter().map(piece).collect()
    }

    #[test]
    fn words_are_compared_not_letters() {
        assert_eq!(
            line("The quick fox.", "The slow fox, again."),
            "The [-quick-][+slow+] fox[+, again+]."
        );
        assert_eq!(
            line("an old word", "a new word"),
            "[-an old-][+a new+] word"
        );
        assert_eq!(line("same", "same"), "same");
        assert_eq!(line("", "new"), "[+new+]");
        assert_eq!(
            line("\u{41a}\u{456}\u{442}", "\u{41a}\u{438}\u{442}"),
            "[-\u{41a}\u{456}\u{442}-][+\u{41a}\u{438}\u{442}+]"
        );
    }

    #[test]
    fn what_is_far_from_any_change_is_left_out() {
        let long = "word ".repeat(500);
        let compared = line(&format!("{long}old"), &format!("{long}new"));
        assert!(compared.contains("words as before]"), "{compared}");
        assert!(compared.ends_with("word [-old-][+new+]"), "{compared}");
        assert!(compared.len() < 400);
    }

    #[test]
    fn changes_at_different_places_are_merged() {
        let base = "one\n\ntwo\n\nthree\n";
        let both = merged(
            base,
            "ONE\n\ntwo\n\nthree\n",
            "one\n\ntwo\n\nthree\n\nfour\n",
            "Ada",
        );
        assert_eq!(both.text, "ONE\n\ntwo\n\nthree\n\nfour\n");
        assert_eq!(both.clashes, 0);
        assert!(!is_unmerged(&both.text));
    }

    #[test]
    fn changes_at_one_place_stand_side_by_side() {
        let both = merged("one\n\ntwo", "one\n\n2", "one\n\nII", "Ada");
        assert_eq!(
            both.text,
            format!("one\n\n{MARK_OF_MINE}\n2\n{MARK_OF_THEIRS} Ada\nII\n{MARK_OF_END}\n")
        );
        assert_eq!(both.clashes, 1);
        assert!(is_unmerged(&both.text));
    }

    #[test]
    fn both_may_insert_at_one_place() {
        let both = merged("a\nb\n", "a\nx\nb\n", "a\ny\nb\n", "Ada");
        assert_eq!(both.clashes, 1);
        assert!(both.text.contains("x\n") && both.text.contains("y\n"));
    }

    proptest! {
        #[test]
        fn a_comparison_holds_both_texts(from in "[ab \\n.]{0,60}", to in "[ab \\n.]{0,60}") {
            let pieces = words(&from, &to);
            let without = |gone| -> String {
                pieces.iter().filter(|piece| piece.change != gone).map(|piece| piece.text.as_str()).collect()
            };
            prop_assert_eq!(without(Change::Added), from);
            prop_assert_eq!(without(Change::Removed), to);
        }

        #[test]
        fn what_only_one_changed_is_taken(base in "([ab]\\n){0,12}", other in "([abc]\\n){0,12}") {
            prop_assert_eq!(merged(&base, &other, &base, "Ada").text, other.clone());
            prop_assert_eq!(merged(&base, &base, &other, "Ada").text, other.clone());
            prop_assert_eq!(merged(&base, &other, &other, "Ada").text, other);
        }
    }
}
