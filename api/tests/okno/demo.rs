use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use pipelines::demonstration::PASSWORD;

use crate::program::{last_words, okno};

/// A demonstration in a folder of its own, removed afterwards with everything that runs in it.
struct Demo {
    folder: PathBuf,
    running: Option<Child>,
}

impl Demo {
    /// A folder that PostgreSQL's user can come to; cargo's own may lie in root's home.
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("okno-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
        Self { folder, running: None }
    }

    fn command(&self) -> Command {
        let mut command = okno(&["demo", "--listen", "127.0.0.1:0"]);
        command.arg("--data").arg(self.data());
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.join("pg")
    }

    /// Starts it and gives the address of its page, as it prints it.
    fn start(&mut self) -> String {
        let mut program = self.command().stdout(Stdio::piped()).spawn().expect("the program starts");
        let lines = BufReader::new(program.stdout.take().expect("its output is ours")).lines();
        self.running = Some(program);
        let page = lines.map_while(Result::ok).find_map(|line| Some(line.split_once("open: ")?.1.to_owned()));
        page.expect("the demonstration prints where it is")
    }

    fn signal(&mut self, name: &str) -> std::process::ExitStatus {
        let mut program = self.running.take().expect("it was started");
        let sent = Command::new("kill").args(["-s", name]).arg(program.id().to_string()).status();
        assert!(sent.is_ok_and(|status| status.success()));
        program.wait().expect("it ends")
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        if self.running.is_some() {
            self.signal("TERM");
        }
        std::fs::remove_dir_all(&self.folder).expect("its folder can be removed");
    }
}

fn postmaster(data: &Path) -> PathBuf {
    data.join("data/postmaster.pid")
}

async fn sign_in(page: &str) -> u16 {
    let body = format!(r#"{{"login":"marina","password":"{PASSWORD}"}}"#);
    let post = reqwest::Client::new().post(format!("{page}api/session")).header("Content-Type", "application/json");
    post.header("Origin", page.trim_end_matches('/')).body(body).send().await.expect("it answers").status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_starts_from_nothing_stops_cleanly_and_survives_a_kill() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut demo = Demo::new("demo");
    let page = demo.start();
    assert_eq!(sign_in(&page).await, 200);
    assert!(demo.signal("TERM").success());
    assert!(!postmaster(&demo.data()).exists(), "PostgreSQL was stopped");

    let page = demo.start();
    assert_eq!(sign_in(&page).await, 200);
    demo.signal("KILL");
    assert!(postmaster(&demo.data()).exists(), "nobody stopped PostgreSQL");
    let page = demo.start();
    assert_eq!(sign_in(&page).await, 200);
    assert!(demo.signal("INT").success());

    // Another program has the process id of a PostgreSQL that died: here, this test.
    std::fs::write(postmaster(&demo.data()), format!("{}\n/elsewhere\n1\n5432\n", std::process::id())).unwrap();
    let page = demo.start();
    assert_eq!(sign_in(&page).await, 200);
    assert!(demo.signal("TERM").success());

    std::fs::write(demo.data().join("data/PG_VERSION"), "9.6\n").unwrap();
    let words = last_words(&demo.command().output().unwrap());
    assert!(words.contains("postgresql-9.6") && words.contains("remove"), "{words}");
}

#[test]
fn it_says_that_the_address_is_taken_before_it_touches_anything() {
    let demo = Demo::new("taken");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = okno(&["demo", "--listen", &address, "--data"]).arg(demo.data()).output().unwrap();
    assert!(last_words(&output).contains(&address));
    assert!(!demo.data().exists());
}
