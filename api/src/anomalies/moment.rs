//! Times as files have them.

use jiff::civil::DateTime;

/// The local time of an ISO date, or of a date and a time with `T` or a space between, with or without an offset, which
/// says nothing that the local time does not: steps are those of the place where was counted.
pub(super) fn moment(text: &str) -> Option<DateTime> {
    let text = text.trim();
    text.strip_suffix(['Z', 'z']).unwrap_or(text).parse().ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn dates_and_times_are_read_in_every_usual_way() {
        let evening = Some(date(2026, 3, 21).at(18, 5, 0, 0));
        for text in [
            "2026-03-21T18:05",
            "2026-03-21 18:05",
            " 2026-03-21 18:05:00 ",
            "2026-03-21T18:05:00Z",
            "2026-03-21T18:05:00+05:00",
            "2026-03-21 18:05:00+05",
            "2026-03-21T18:05:00.000-03:30",
            "20260321T180500",
        ] {
            assert_eq!(moment(text), evening, "{text}");
        }
        assert_eq!(moment("2026-03-21"), Some(date(2026, 3, 21).at(0, 0, 0, 0)));
        for text in ["", "Z", "18:05", "21.03.2026", "2026-02-30", "2026-03-21T25:00", "2026-03-21 18:05 and more"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
