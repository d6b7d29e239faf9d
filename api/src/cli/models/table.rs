//! The figures of a report as tables to be read: in percent, with the 95 % interval behind; `-` of nothing.

use models::evaluate::{Figure, Report, SummaryReport, TextFigures};

pub(super) fn table(report: &Report) -> String {
    let mut text = format!("{} {}\n", report.model.id, report.model.version);
    text += &rows(
        "messages",
        &["n", "topic F1", "of 31", "class", "sentiment F1", "language", "entity F1", "abstained"],
        report.messages.iter().map(|(part, of)| {
            let cells = [
                of.n.to_string(),
                figure(of.topic_macro_f1),
                percent(of.topic_macro_f1_31),
                figure(of.class_accuracy),
                figure(of.sentiment_macro_f1),
                figure(of.language_accuracy),
                figure(of.entity_micro_f1),
                percent(of.abstained),
            ];
            (part.clone(), cells.to_vec())
        }),
    );
    text += &rows(
        "critical",
        &["n", "recall", "precision", "urgency", "calibration: topic", "sentiment", "urgency"],
        report.messages.iter().map(|(part, of)| {
            let cells = [
                of.critical_n.to_string(),
                figure(of.critical_recall),
                figure(of.critical_precision),
                percent(of.urgency_accuracy),
                percent(of.topic_calibration_error),
                percent(of.sentiment_calibration_error),
                percent(of.urgency_calibration_error),
            ];
            (part.clone(), cells.to_vec())
        }),
    );
    text += &rows(
        "contacts",
        &["n", "topic F1", "class", "topics micro", "sentiment F1", "urgency", "language", "roles F1"],
        report.contacts.iter().map(|(part, of)| {
            let figures = [
                of.topic_macro_f1,
                of.class_accuracy,
                of.topics_micro_f1,
                of.sentiment_macro_f1,
                of.urgency_accuracy,
                of.language_accuracy,
                of.roles_macro_f1,
            ];
            (part.clone(), std::iter::once(of.n.to_string()).chain(figures.map(figure)).collect())
        }),
    );
    text += &rows(
        "entities",
        &["n", "precision", "recall"],
        report
            .entities
            .iter()
            .map(|(kind, of)| (kind.clone(), vec![of.n.to_string(), percent(of.precision), percent(of.recall)])),
    );
    text += &rows(
        "references",
        &["n", "topic F1", "class", "sentiment F1", "critical recall", "precision"],
        report.references.iter().flat_map(|(name, parts)| {
            parts.iter().map(move |(part, of)| {
                let cells = [
                    of.n.to_string(),
                    figure(of.topic_macro_f1),
                    figure(of.class_accuracy),
                    figure(of.sentiment_macro_f1),
                    percent(of.critical_recall),
                    percent(of.critical_precision),
                ];
                (format!("{name} {part}"), cells.to_vec())
            })
        }),
    );
    text
}

/// The figures of summaries; the ten worst texts behind them.
pub(super) fn summaries(report: &SummaryReport) -> String {
    let texts = |of: &TextFigures| {
        [figure(of.chrf), figure(of.numbers_found), of.unsupported.to_string(), percent(of.length)].to_vec()
    };
    let mut text = format!("{} {}\n", report.model.id, report.model.version);
    text += &rows(
        "texts",
        &["n", "chrF++", "numbers found", "unsupported", "length", "language"],
        report.summaries.iter().map(|(part, of)| {
            let cells = [vec![of.n.to_string()], texts(&of.text), vec![figure(of.language_accuracy)]];
            (part.clone(), cells.concat())
        }),
    );
    text += &rows(
        "frames",
        &["outcome", "issue evidence", "outcome evidence", "facts F1", "with amount, accepted"],
        report.summaries.iter().map(|(part, of)| {
            let figures =
                [of.outcome_accuracy, of.issue_evidence_f1, of.outcome_evidence_f1, of.facts_f1, of.whole_facts_f1];
            (part.clone(), figures.map(figure).to_vec())
        }),
    );
    text += &rows(
        "references",
        &["chrF++", "numbers found", "unsupported", "length"],
        report.references.iter().map(|(name, of)| (name.clone(), texts(of))),
    );
    if let Some(writer) = &report.writer {
        let shares = [("taken", writer.taken)].into_iter();
        let faults = writer.faults.iter().map(|(fault, share)| (fault.as_str(), Some(*share)));
        let title = format!("{} {}", writer.model.id, writer.model.version);
        text += &rows(&title, &["texts"], shares.chain(faults).map(|(name, of)| (name.to_owned(), vec![percent(of)])));
    }
    for output in report.outputs.iter().take(10) {
        text += &format!("\n{} {:.1}\n  {}\n  {}\n", output.id, output.chrf * 100.0, output.text, output.reference);
    }
    text
}

/// A table with its columns as wide as they need to be; nothing of no rows.
fn rows(title: &str, heads: &[&str], rows: impl Iterator<Item = (String, Vec<String>)>) -> String {
    let rows: Vec<(String, Vec<String>)> = rows.collect();
    if rows.is_empty() {
        return String::new();
    }
    let first = rows.iter().map(|(name, _)| name.chars().count()).chain([title.len()]).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().map(|(_, cells)| cells[column].chars().count());
        cells.chain([heads[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let line = |name: &str, cells: &mut dyn Iterator<Item = &str>| {
        let cells: String = cells.zip(&widths).map(|(cell, width)| format!("  {cell:>width$}")).collect();
        format!("{name:first$}{cells}\n")
    };
    let head = line(title, &mut heads.iter().copied());
    let body = rows.iter().map(|(name, cells)| line(name, &mut cells.iter().map(String::as_str)));
    format!("\n{head}{}", body.collect::<String>())
}

fn figure(figure: Option<Figure>) -> String {
    let whole = |of: Figure| format!("{:.1} [{:.0}–{:.0}]", of.value * 100.0, of.low * 100.0, of.high * 100.0);
    figure.map_or_else(|| "-".to_owned(), whole)
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1}", share * 100.0))
}
