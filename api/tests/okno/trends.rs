//! `okno anomalies` and `okno explain` on files and pipes.

use std::io::Write as _;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::program::{file, last_words, okno};

fn piped(arguments: &[&str], input: &[u8]) -> Output {
    let mut program = okno(arguments);
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().expect("the program starts");
    // A program that ends before it has read everything closes the pipe, which is no failure of the test.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    child.wait_with_output().expect("the program ends")
}

fn lines(output: &Output) -> Vec<String> {
    String::from_utf8(output.stdout.clone()).expect("UTF-8").lines().map(str::to_owned).collect()
}

/// Eight weeks of two series, one of which has a bad last day.
fn counts() -> String {
    let day = |day: i64| jiff::civil::date(2026, 1, 5).saturating_add(jiff::Span::new().days(day));
    let rows = (0..56).map(|row| {
        let (at, jump) = (day(row), if row == 55 { 70 } else { 0 });
        format!("\"кухня, 1\",{at},{}\nсуп,{at},{}\n", 10 + row * 7 % 5, 3 + row % 3 + jump)
    });
    "series,at,count\n".to_owned() + &rows.collect::<String>()
}

#[test]
fn each_row_is_judged_in_its_place_by_those_before_it() {
    let input = counts();
    let output = piped(&["anomalies", "--kind", "counts", "--step", "1d", "--country", "ru"], input.as_bytes());
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()));
    let all = lines(&output);
    assert_eq!((all.len(), all[0].as_str()), (113, "series,at,count,expected,lower,upper,score,p,alert"));
    for (came, went) in input.lines().zip(&all) {
        assert!(went.starts_with(came), "{went} for {came}");
    }
    let last: Vec<&str> = all[112].split(',').collect();
    assert!(last[7].parse::<f64>().is_ok_and(|p| p < 1e-6) && last[8] == "true", "{last:?}");
    // What comes later changes nothing, and the step is found without being said.
    let first: String = input.lines().take(41).map(|line| format!("{line}\n")).collect();
    assert_eq!(
        lines(&piped(&["anomalies", "--kind", "counts", "--step", "1d", "--country", "ru"], first.as_bytes())),
        all[..41]
    );
    let holidays = file("holidays.txt", "\u{feff}2026-01-15\n\n2026-02-01\r\n".as_bytes());
    let path = file("counts.csv", input.as_bytes());
    let (path, holidays) = (path.to_str().expect("a path"), holidays.to_str().expect("a path"));
    let found = okno(&["anomalies", "--kind", "counts", "--input", path, "--holidays", holidays]).output();
    let found = found.expect("the program runs");
    assert_eq!((found.status.code(), lines(&found).len()), (Some(0), 113));
}

#[test]
fn a_feed_that_stops_is_one_alert_and_no_row_of_them() {
    let begin = jiff::civil::date(2026, 1, 5).at(0, 0, 0, 0);
    let rows = (0..20 * 24).map(|hour| {
        let (at, silent) = (begin.saturating_add(jiff::Span::new().hours(hour)), hour >= 18 * 24);
        format!("site,{at},{}\n", if silent { 0 } else { 18 + hour * 7 % 5 })
    });
    let input = "series,at,count\n".to_owned() + &rows.collect::<String>();
    let output = piped(&["anomalies", "--kind", "counts", "--step", "1h"], input.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let alerts: Vec<usize> =
        lines(&output).iter().enumerate().filter(|(_, row)| row.ends_with(",true")).map(|it| it.0).collect();
    assert_eq!(alerts, [18 * 24 + 2], "the second hour without a contact");
}

#[test]
fn a_bad_row_is_told_by_its_line_and_the_rest_is_done() {
    let good = counts();
    let bad = "суп,2026-03-02,-1\nсуп,2026-03-02,1.5\nсуп,2026-03-02,NaN\nсуп,2026-01-05,1\nсуп,2026-03-01,1\nсуп,never,1\n\
               суп,2026-03-02\n\"суп,2026-03-02,1\nсуп,2026-03-02,4\n";
    let output = piped(&["anomalies", "--kind", "counts", "--step", "1d"], (good + bad).as_bytes());
    assert!(last_words(&output).contains("8 bad lines"));
    let told = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    for line in 114..=121 {
        assert!(told.contains(&format!("line {line}: ")), "{told}");
    }
    let all = lines(&output);
    assert_eq!((all.len(), all[113].starts_with("суп,2026-03-02,4,")), (114, true));
}

#[test]
fn values_may_come_at_any_time_and_be_anything_finite() {
    let rows = "series,at,count\na,2026-01-05 10:00:00,1.5\na,2026-01-05 09:00:00,-2\na,2026-01-05 09:00:00,-2e3\n";
    let output = piped(&["anomalies", "--kind", "values", "--step", "auto"], rows.as_bytes());
    assert_eq!((output.status.code(), lines(&output).len()), (Some(0), 4));
    assert!(
        last_words(&piped(&["anomalies", "--kind", "values"], (rows.to_owned() + "a,2026-01-06,inf\n").as_bytes()))
            .contains("1 bad")
    );
}

#[test]
fn what_is_no_table_is_said() {
    assert!(last_words(&piped(&["anomalies", "--kind", "counts"], b"a,b\n1,2\n")).contains("`series`"));
    assert!(last_words(&piped(&["anomalies", "--kind", "counts"], b"")).contains("`series`"));
    assert!(last_words(&piped(&["explain"], b"city,expected\nA,1\n")).contains("`actual`"));
    let holidays = file("no-holidays.txt", b"2026-01-01\nsoon\n");
    let holidays = holidays.to_str().expect("a path");
    assert!(last_words(&piped(&["anomalies", "--kind", "counts", "--holidays", holidays], b"")).contains("line 2"));
    for bytes in [[0xff, 0x00, b'\n', b'"'].repeat(500), b"\n,\"\r".repeat(500)] {
        for (command, head) in [("anomalies", "series,at,count\n"), ("explain", "city,expected,actual\n")] {
            let arguments = if command == "anomalies" { vec![command, "--kind", "counts"] } else { vec![command] };
            last_words(&piped(&arguments, &[head.as_bytes(), &bytes].concat()));
        }
    }
}

#[test]
fn the_part_that_rose_is_found_and_where_nothing_rose_there_is_none() {
    let table = |surge: u32| {
        let cells = (0..4).flat_map(|city| (0..5).map(move |topic| (city, topic)));
        let rows = cells.map(|(city, topic)| {
            let actual = 40 + (city * 3 + topic * 5) % 7 + if (city, topic) == (2, 3) { surge } else { 0 };
            format!("city {city},topic {topic},43,{actual}\n")
        });
        "city,topic,expected,actual\n".to_owned() + &rows.collect::<String>()
    };
    let explained = |table: &str| {
        let output = piped(&["explain"], table.as_bytes());
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        serde_json::from_slice::<Value>(&output.stdout).expect("JSON")
    };
    let found = explained(&table(120));
    assert_eq!((&found["verdict"], found["causes"].as_array().map(Vec::len)), (&json!("found"), Some(1)));
    assert_eq!(found["causes"][0]["where"], json!({"city": "city 2", "topic": "topic 3"}));
    assert!(found["causes"][0]["excess"].as_f64().is_some_and(|excess| (excess - 120.0).abs() < 10.0), "{found}");
    assert_eq!(explained(&table(0)), json!({"verdict": "none", "causes": []}));
    let output = piped(&["explain"], (table(120) + "city 1,topic 1,-1,5\ncity 1,topic 1,1\n").as_bytes());
    assert!(last_words(&output).contains("2 bad lines"));
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).expect("JSON"), found);
    let output = piped(&["explain"], (table(120) + "city 1,topic 1,43,1e18\n").as_bytes());
    let told = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    assert!(told.starts_with("line 22: ") && told.contains("from 0 to 1e15"), "{told}");
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).expect("JSON"), found);
}
