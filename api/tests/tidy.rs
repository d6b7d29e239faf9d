//! The rules of the house that no compiler checks. A rule says what it looks for, where, and why; each has a sample
//! that breaks it, so a rule that has gone blind is seen too.

use std::fs;
use std::path::Path;

/// A path and a text.
type Sample = (&'static str, &'static str);

struct Rule {
    name: &'static str,
    /// Why, and what to do instead.
    reason: &'static str,
    /// Which files it looks at; paths are relative to the repository, with `/`.
    looks_at: fn(&str) -> bool,
    /// The first line, counted from 1, that breaks it in the file of that path and text.
    broken_at: fn(&str, &str) -> Option<usize>,
    breaks: &'static [Sample],
    keeps: &'static [Sample],
}

const RULES: &[Rule] = &[
    Rule {
        name: "sqlx and lapin stay in pipelines",
        reason: "only pipelines speaks SQL and AMQP: give it a function and call that",
        looks_at: |path| rust_or_manifest(path) && !within(path, &["pipelines/", "benches/"]),
        broken_at: |_, text| line_of_word(text, &["sqlx", "lapin"]),
        breaks: &[("api/src/a.rs", "use sqlx::PgPool;"), ("models/Cargo.toml", "lapin.workspace = true")],
        keeps: &[("api/src/a.rs", "// says nothing of sqlx"), ("pipelines/src/orders/store.rs", "use sqlx::PgPool;")],
    },
    Rule {
        name: "axum stays in api",
        reason: "only api answers HTTP: return a domain type and let api answer it",
        looks_at: |path| rust_or_manifest(path) && !within(path, &["api/", "benches/"]),
        broken_at: |_, text| line_of_word(text, &["axum"]),
        breaks: &[("pipelines/src/a.rs", "use axum::Json;")],
        keeps: &[("api/src/a.rs", "use axum::Json;"), ("pipelines/src/a.rs", "let taxum = 1;")],
    },
    Rule {
        name: "candle stays in inference and models",
        reason: "nobody else touches tensors: ask models for predictions",
        looks_at: |path| rust_or_manifest(path) && !within(path, &["inference/", "models/", "benches/"]),
        broken_at: |_, text| {
            line_of_word(text, &["candle_core", "candle_nn", "candle_transformers", "candle-core", "candle-nn"])
        },
        breaks: &[("pipelines/src/a.rs", "let t: candle_core::Tensor;")],
        keeps: &[("inference/src/a.rs", "use candle_core::Tensor;")],
    },
    Rule {
        name: "inference knows no contact",
        reason: "inference knows tokens, tensors and batches; what they mean belongs to models and pipelines",
        looks_at: |path| path.starts_with("inference/src/"),
        broken_at: |_, text| line_of_word(&text.to_lowercase(), &["contact", "customer", "operator"]),
        breaks: &[("inference/src/a.rs", "struct Contact;")],
        keeps: &[("inference/src/a.rs", "struct Batch; // of a contact")],
    },
    Rule {
        name: "SQL stands in a store",
        reason: "move the statement to the domain's store.rs or store/, and call it",
        looks_at: |path| {
            path.ends_with(".rs") && !path.ends_with("/store.rs") && !path.contains("/store/") && !is_test(path)
        },
        broken_at: |_, text| {
            let macros = ["query!(", "query_as!(", "query_scalar!(", "query_unchecked!(", "migrate!(\"SELECT"];
            line_with(text, &macros).or_else(|| line_with(text, &["sqlx::query", "raw_sql(", "QueryBuilder"]))
        },
        breaks: &[
            ("pipelines/src/customers/card.rs", "sqlx::query!(\"SELECT 1\")"),
            ("pipelines/src/orders/list.rs", "let mut list = QueryBuilder::new(\"SELECT\");"),
        ],
        keeps: &[("pipelines/src/orders/store.rs", "sqlx::query!(\"SELECT 1\")"), ("api/src/a.rs", "uri.query()")],
    },
    Rule {
        name: "rooms are named by what they hold",
        reason: "no utils, common, helpers, manager: name the file after its most important item",
        looks_at: is_source,
        broken_at: |path, _| {
            let vague = ["util", "utils", "common", "helper", "helpers", "manager", "managers", "misc", "shared"];
            let mut rooms = path.split('/').map(|room| room.split('.').next().unwrap_or(room).to_lowercase());
            rooms.any(|room| vague.contains(&room.as_str())).then_some(1)
        },
        breaks: &[
            ("api/src/utils.rs", ""),
            ("operator-web/src/helpers/time.ts", ""),
            ("pipelines/src/common/mod.rs", ""),
        ],
        keeps: &[("api/src/server/router.rs", ""), ("operator-web/src/workspace/commonest.ts", "")],
    },
    Rule {
        name: "a Rust file has 400 lines at most",
        reason: "cut it where a reader would turn the page",
        looks_at: |path| path.ends_with(".rs") && !is_test(path),
        broken_at: |_, text| (text.lines().count() > 400).then_some(401),
        breaks: &[("api/src/a.rs", LINES_401)],
        keeps: &[("api/src/a.rs", "mod b;"), ("api/tests/a.rs", LINES_401)],
    },
    Rule {
        name: "a Vue or TypeScript file has 250 lines at most",
        reason: "cut out a component or a composable",
        looks_at: |path| [".vue", ".ts"].iter().any(|end| path.ends_with(end)) && !is_test(path) && !is_generated(path),
        broken_at: |_, text| (text.lines().count() > 250).then_some(251),
        breaks: &[("operator-web/src/a.vue", LINES_401), ("operator-web/widget/a.ts", LINES_401)],
        keeps: &[("operator-web/src/client/types.gen.ts", LINES_401), ("operator-web/src/a.test.ts", LINES_401)],
    },
    Rule {
        name: "time and chance come from the clock",
        reason: "take times, ids and secrets from pipelines::platform::clock, so that every test can repeat itself",
        looks_at: |path| (path.ends_with(".rs") || path.ends_with(".sql")) && path != "pipelines/src/platform/clock.rs",
        broken_at: |_, text| {
            let rust = ["Timestamp::now(", "Zoned::now(", "SystemTime::now(", "Uuid::now_v7(", "Uuid::new_v4("];
            let dice =
                ["rand::rng(", "rand::random", "thread_rng(", "OsRng", "from_os_rng(", "from_entropy(", "getrandom"];
            let sql =
                [" now()", "(now()", "CURRENT_TIMESTAMP", "CURRENT_DATE", "clock_timestamp()", "gen_random_uuid()"];
            [line_with(text, &rust), line_with(text, &dice), line_with(text, &sql)].into_iter().flatten().min()
        },
        breaks: &[
            ("pipelines/src/a.rs", "let at = Timestamp::now();"),
            ("migrations/0009_a.sql", "at timestamptz DEFAULT now()"),
            ("api/src/a.rs", "let id = Uuid::new_v4();"),
            ("models/src/a.rs", "let mut dice = rand::rng();"),
            ("pipelines/src/store.rs", "UPDATE contact SET at = clock_timestamp()"),
        ],
        keeps: &[("api/src/a.rs", "let at = clock.now();"), ("api/src/a.rs", "let started = Instant::now();")],
    },
    Rule {
        name: "no path of somebody's machine",
        reason: "paths are given by arguments, variables or the checkout's own place",
        looks_at: is_text,
        broken_at: |_, text| {
            let homes = ["/work/", "/root/", "/home/", "/tmp/", "/Users/"];
            text.lines().position(|line| homes.iter().any(|home| starts_path(line, home))).map(|at| at + 1)
        },
        breaks: &[("script/a", "cd /root/okno"), ("docs/a.md", "see `/home/anna/okno`"), (".ci/run", "X=/tmp/x")],
        keeps: &[("docs/a.md", "https://okno.example/work/list"), ("script/a", "cd \"${TMPDIR:-/tmp}\"")],
    },
    Rule {
        name: "an exception from a lint says why",
        reason: "write #[allow(…, reason = \"…\")], or better #[expect]",
        looks_at: |path| path.ends_with(".rs"),
        broken_at: |_, text| {
            let lines: Vec<&str> = text.lines().collect();
            let bare = |at: &usize| {
                let opens = ["#[allow(", "#![allow(", "#[expect(", "#![expect("];
                let said = lines[*at..].iter().take(4).any(|line| line.contains("reason ="));
                opens.iter().any(|open| lines[*at].trim_start().starts_with(open)) && !said
            };
            (0..lines.len()).find(bare).map(|at| at + 1)
        },
        breaks: &[("api/src/a.rs", "#[allow(dead_code)]\nfn a() {}")],
        keeps: &[("api/src/a.rs", "#[allow(clippy::print_stderr, reason = \"the last words\")]")],
    },
    Rule {
        name: "every test runs",
        reason: "no ignored or skipped tests: make it pass, or take it out",
        looks_at: is_source,
        broken_at: |_, text| {
            line_with(text, &["#[ignore", "test.skip(", "it.skip(", "describe.skip(", "test.only(", "it.only("])
        },
        breaks: &[("api/tests/a.rs", "#[ignore = \"slow\"]"), ("operator-web/src/a.test.ts", "it.skip('a', () => {})")],
        keeps: &[("api/tests/a.rs", "#[test]")],
    },
];

const LINES_401: &str = match std::str::from_utf8(&[b'\n'; 401]) {
    Ok(lines) => lines,
    Err(_) => "",
};

#[test]
fn the_house_is_tidy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    collect(root, root, &mut files);
    assert!(files.len() > 50, "found {} files only: the walk has gone wrong", files.len());
    let mut broken = Vec::new();
    for path in &files {
        let Ok(text) = fs::read_to_string(root.join(path)) else { continue };
        for rule in RULES.iter().filter(|rule| (rule.looks_at)(path)) {
            if let Some(line) = (rule.broken_at)(path, &text) {
                broken.push(format!("{path}:{line}: {} ({})", rule.name, rule.reason));
            }
        }
    }
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn each_rule_sees_what_breaks_it() {
    for rule in RULES {
        let sees = |(path, text): &Sample| (rule.looks_at)(path) && (rule.broken_at)(path, text).is_some();
        for sample in rule.breaks {
            assert!(sees(sample), "'{}' does not see {sample:?}", rule.name);
        }
        for sample in rule.keeps {
            assert!(!sees(sample), "'{}' wrongly sees {sample:?}", rule.name);
        }
        assert!(!rule.breaks.is_empty() && !rule.keeps.is_empty(), "'{}' has no samples", rule.name);
    }
}

/// Files of the checkout, without what is built, installed or not ours.
fn collect(root: &Path, folder: &Path, into: &mut Vec<String>) {
    let foreign = [".git", ".cargo", ".sqlx", "target", "node_modules", "dist", "var", "shared", "test-results"];
    for entry in fs::read_dir(folder).expect("a folder of the checkout can be read").flatten() {
        let (name, path) = (entry.file_name(), entry.path());
        if path.is_dir() && !path.is_symlink() {
            if !foreign.iter().any(|it| name == *it) {
                collect(root, &path, into);
            }
        } else if path.is_file() && name != ".git" {
            let path =
                path.strip_prefix(root).expect("the walk began at the root").to_string_lossy().replace('\\', "/");
            // this file names what it forbids, and the workspace's manifest every library
            if path != "api/tests/tidy.rs" && path != "Cargo.toml" {
                into.push(path);
            }
        }
    }
    into.sort();
}

fn within(path: &str, folders: &[&str]) -> bool {
    folders.iter().any(|folder| path.starts_with(folder))
}

fn rust_or_manifest(path: &str) -> bool {
    path.ends_with(".rs") || path.ends_with("Cargo.toml")
}

fn is_source(path: &str) -> bool {
    [".rs", ".ts", ".vue", ".py", ".mjs"].iter().any(|end| path.ends_with(end)) && !is_generated(path)
}

fn is_text(path: &str) -> bool {
    let others =
        [".png", ".woff2", ".safetensors", ".bin", ".jsonl", ".lock", ".ico", ".gz", ".log", "package-lock.json"];
    !others.iter().any(|end| path.ends_with(end))
}

fn is_generated(path: &str) -> bool {
    path.starts_with("operator-web/src/client/")
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.contains("/e2e/") || path.contains(".test.") || path.ends_with("/tests.rs")
}

/// A line without its comment; good enough for the words that are looked for.
fn code_of(line: &str) -> &str {
    let comment = line.find("//").filter(|at| !line[..*at].ends_with(':'));
    let start = comment.or_else(|| line.find("-- ")).unwrap_or(line.len());
    &line[..start]
}

fn line_with(text: &str, parts: &[&str]) -> Option<usize> {
    text.lines().position(|line| parts.iter().any(|part| code_of(line).contains(part))).map(|at| at + 1)
}

fn line_of_word(text: &str, words: &[&str]) -> Option<usize> {
    let has = |line: &str, word: &str| {
        line.match_indices(word).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let after = line[at + word.len()..].chars().next();
            ![before, after].iter().flatten().any(|next| next.is_alphanumeric() || *next == '_')
        })
    };
    text.lines().position(|line| words.iter().any(|word| has(code_of(line), word))).map(|at| at + 1)
}

/// Whether a path that begins with `home` stands in the line, and not the middle of a longer address.
fn starts_path(line: &str, home: &str) -> bool {
    line.match_indices(home).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|it| !it.is_alphanumeric() && !"./-_*}~".contains(it))
    })
}
