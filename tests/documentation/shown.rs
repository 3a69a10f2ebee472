//! Whether what a document shows is what was printed. `…` stands for what is left out: alone on a line for any
//! number of lines, within a line for any text.

/// The first thing that is shown and was not printed there; `None` when all was.
pub(super) fn difference(shown: &str, printed: &str) -> Option<String> {
    let lines = |text: &str| text.trim_end().lines().map(|line| line.trim_end().to_owned()).collect();
    let (shown, printed): (Vec<String>, Vec<String>) = (lines(shown), lines(printed));
    let parts: Vec<&[String]> = shown.split(|line| line == "…").collect();
    let mut rest = printed.as_slice();
    for (number, part) in parts.iter().enumerate() {
        let begins_here = number == 0;
        let ends_here = number + 1 == parts.len();
        let fits = |at: usize| part.iter().zip(&rest[at..]).all(|(shown, printed)| line_fits(shown, printed));
        let latest = rest.len().checked_sub(part.len());
        let found = match (latest, begins_here, ends_here) {
            (None, ..) => None,
            (Some(latest), true, true) => (latest == 0 && fits(0)).then_some(0),
            (Some(_), true, false) => fits(0).then_some(0),
            (Some(latest), false, true) => fits(latest).then_some(latest),
            (Some(latest), false, false) => (0..=latest).find(|at| fits(*at)),
        };
        match found {
            Some(at) => rest = &rest[at + part.len()..],
            None => return Some(part.join("\n")),
        }
    }
    None
}

fn line_fits(shown: &str, printed: &str) -> bool {
    let Some((first, others)) = shown.split_once('…') else { return shown == printed };
    let Some(mut rest) = printed.strip_prefix(first) else { return false };
    let mut others: Vec<&str> = others.split('…').collect();
    let last = others.pop().unwrap_or_default();
    for part in others {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[test]
fn what_is_left_out_is_marked() {
    let printed = "one\ntwo\n\nthree and more\nfour\n";
    for fits in [
        "one\ntwo\n\nthree and more\nfour",
        "…\ntwo\n\nthree and more\n…",
        "one\n…\nfour",
        "…",
        "…\nthree … more\nfour",
        "…\nfour\n…",
        "one\n…\nth…nd…ore\n…",
    ] {
        assert_eq!(difference(fits, printed), None, "{fits}");
    }
    for (shown, differs) in [
        ("one\ntwo", "one\ntwo"),
        ("two\n…", "two"),
        ("…\ntwo", "two"),
        ("…\none\n\n…", "one\n"),
        ("…\nfour\n…\none\n…", "one"),
        ("one\n…\nthree … less\nfour", "three … less\nfour"),
        ("one\ntwo\n\nthree and more\nfour\n…\nfour", "four"),
        ("", ""),
    ] {
        assert_eq!(difference(shown, printed).as_deref(), Some(differs), "{shown}");
    }
}
