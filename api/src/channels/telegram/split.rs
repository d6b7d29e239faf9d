//! Cuts a text into messages that Telegram takes.

use unicode_segmentation::UnicodeSegmentation;

/// Telegram counts UTF-16 code units ("1-4096 characters after entities parsing", Bot API, sendMessage).
pub const LIMIT: usize = 4096;

/// Where a text may be cut, the worst place first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Border {
    Cluster,
    Word,
    Sentence,
    Line,
    Paragraph,
}

/// Parts of at most `limit` UTF-16 code units, in order, none of them blank.
///
/// Cuts where the reader expects it: between paragraphs, else lines, sentences, words; a grapheme cluster is only
/// broken when it is longer than a whole message. White space around a cut is dropped, as Telegram would drop it.
pub fn split(text: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (part, tail) = rest.split_at(cut(rest, limit));
        parts.push(part.trim_end());
        rest = tail.trim_start();
    }
    parts
}

/// Length in bytes of the first part. A border of a better kind wins if the part is then at least half full.
fn cut(text: &str, limit: usize) -> usize {
    let mut units = 0;
    let mut best: Option<(Border, usize, usize)> = None;
    let better = |border: Border, best: Option<(Border, usize, usize)>| match best {
        None => true,
        Some((held, _, filled)) => border >= held || filled * 2 < limit,
    };
    for (start, cluster) in text.grapheme_indices(true) {
        let length: usize = cluster.chars().map(char::len_utf16).sum();
        if units + length > limit {
            // white space that no longer fits is dropped: the part may end right before it
            let border = border(text, start, cluster);
            if border != Border::Cluster && better(border, best) && start > 0 {
                return start;
            }
            return match best {
                Some((_, at, _)) => at,
                None => start + head(cluster, limit),
            };
        }
        units += length;
        let at = start + cluster.len();
        let border = border(text, start, cluster);
        if better(border, best) {
            best = Some((border, at, units));
        }
    }
    text.len()
}

fn border(text: &str, start: usize, cluster: &str) -> Border {
    if !cluster.chars().all(char::is_whitespace) {
        return Border::Cluster;
    }
    let before = &text[..start];
    if cluster.contains('\n') {
        let blank = before.trim_end_matches([' ', '\t', '\r']).ends_with('\n');
        return if blank { Border::Paragraph } else { Border::Line };
    }
    if before.ends_with(['.', '!', '?', '…']) { Border::Sentence } else { Border::Word }
}

/// As many bytes of an endless cluster as fit; at least one character, or nothing would ever be cut.
fn head(cluster: &str, limit: usize) -> usize {
    let mut units = 0;
    for (at, c) in cluster.char_indices() {
        units += c.len_utf16();
        if units > limit && at > 0 {
            return at;
        }
    }
    cluster.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn units(text: &str) -> usize {
        text.encode_utf16().count()
    }

    fn dense(text: &str) -> String {
        text.chars().filter(|c| !c.is_whitespace()).collect()
    }

    #[test]
    fn a_short_text_is_one_part() {
        assert_eq!(split("Добрый вечер!", LIMIT), ["Добрый вечер!"]);
        assert_eq!(split("  \n ", LIMIT), Vec::<&str>::new());
    }

    #[test]
    fn paragraphs_go_before_lines_sentences_and_words() {
        assert_eq!(split("один два\n\nтри четыре. пять", 20), ["один два", "три четыре. пять"]);
        assert_eq!(split("один два\nтри четыре. пять", 20), ["один два\nтри четыре.", "пять"]);
        assert_eq!(split("одиннадцать двенадцать тринадцать", 24), ["одиннадцать двенадцать", "тринадцать"]);
    }

    #[test]
    fn a_family_and_a_flag_stay_whole() {
        let family = "👨‍👩‍👧‍👦";
        let text = format!("{family}{family}🇰🇿🇰🇿");
        for limit in units(family)..40 {
            for part in split(&text, limit) {
                assert!(part.graphemes(true).all(|g| g == family || g == "🇰🇿"), "{limit}: {part:?}");
            }
        }
    }

    #[test]
    fn an_endless_cluster_is_cut_all_the_same() {
        let text = format!("e{}", "\u{301}".repeat(9000));
        let parts = split(&text, LIMIT);
        assert_eq!(parts.concat(), text);
        assert!(parts.iter().all(|part| units(part) <= LIMIT));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_too_long(
            text in "([а-яё]{1,9}|[a-z']{1,9}|😀|👩🏽‍🚒|🇺🇿|e\u{301}|[.!?,]|  ?|\n\n?|\t){0,120}",
            limit in 12usize..80,
        ) {
            let parts = split(&text, limit);
            for part in &parts {
                prop_assert!(units(part) <= limit);
                prop_assert!(!part.trim().is_empty());
            }
            prop_assert_eq!(dense(&parts.concat()), dense(&text));
            let clusters = text.graphemes(true).filter(|g| !g.trim().is_empty()).count();
            let kept = parts.iter().flat_map(|part| part.graphemes(true)).filter(|g| !g.trim().is_empty()).count();
            prop_assert_eq!(clusters, kept);
        }
    }
}
