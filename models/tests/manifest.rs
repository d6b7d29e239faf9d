//! A model folder that is not what its manifest says is refused with one clear sentence.

use std::path::{Path, PathBuf};

use models::manifest::{self, LoadError};
use models::reading::{MenuWords, Precision, Reader};

fn shipped() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("weights/reading-2")
}

/// A copy of the shipped folder that may be spoilt.
fn copy(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name).join("reading-2");
    std::fs::create_dir_all(&folder).expect("the folder is made");
    for entry in std::fs::read_dir(shipped()).expect("the model is there") {
        let path = entry.expect("an entry").path();
        std::fs::copy(&path, folder.join(path.file_name().expect("a name"))).expect("it is copied");
    }
    folder
}

fn edit_manifest(folder: &Path, change: impl Fn(&mut serde_json::Value)) {
    let path = folder.join(manifest::FILE);
    let text = std::fs::read_to_string(&path).expect("the manifest is there");
    let mut value = serde_json::from_str(&text).expect("it parses");
    change(&mut value);
    std::fs::write(&path, value.to_string()).expect("it is written");
}

#[test]
fn the_shipped_folder_is_whole() {
    let manifest = manifest::verify(&shipped()).expect("the shipped model is whole");
    assert_eq!(manifest.id, "reading-2");
    let weights = shipped();
    let all = manifest::list(weights.parent().expect("a parent")).expect("it lists");
    assert!(all.iter().any(|(folder, m)| folder.ends_with("reading-2") && *m == manifest));
    let size: u64 = manifest.files.iter().map(|f| f.bytes).sum();
    assert!(size <= 60_000_000, "{size} bytes are too many to ship");
    assert!(manifest.reading.is_some());
}

#[test]
fn an_altered_file_is_refused() {
    let folder = copy("altered");
    let path = folder.join("model.safetensors");
    let mut bytes = std::fs::read(&path).expect("it is there");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).expect("it is written");
    assert_eq!(manifest::verify(&folder), Err(LoadError::Altered { path }));
}

#[test]
fn a_cut_file_is_refused() {
    let folder = copy("cut");
    let path = folder.join("tokenizer.json");
    std::fs::write(&path, "{}").expect("it is written");
    assert!(matches!(manifest::verify(&folder), Err(LoadError::Size { found: 2, .. })));
}

#[test]
fn a_missing_file_or_folder_says_where_it_looked() {
    let folder = copy("missing");
    let path = folder.join("config.json");
    std::fs::remove_file(&path).expect("it was there");
    assert_eq!(manifest::verify(&folder), Err(LoadError::Missing(path.clone())));
    let sentence = LoadError::Missing(path).to_string();
    assert!(sentence.contains("config.json") && sentence.contains("OKNO_MODELS"), "{sentence}");
    assert!(matches!(manifest::verify(Path::new("no/such/folder")), Err(LoadError::Missing(_))));
}

#[test]
fn a_label_that_the_taxonomy_lacks_is_refused() {
    let folder = copy("label");
    edit_manifest(&folder, |m| m["reading"]["labels"]["topics"][0] = "complaint.weather".into());
    let error = manifest::verify(&folder).expect_err("it must not load");
    assert!(matches!(&error, LoadError::Manifest { reason, .. } if reason.contains("complaint.weather")), "{error}");
}

#[test]
fn fewer_labels_than_the_encoder_scores_are_refused() {
    let folder = copy("fewer");
    edit_manifest(&folder, |m| {
        m["reading"]["labels"]["sentiment"].as_array_mut().expect("a list").pop();
    });
    let error = Reader::load(&folder, MenuWords::default(), 1, Precision::Auto).expect_err("it must not load");
    assert!(matches!(error, LoadError::Labels { head: "sentiment", expected: 2, found: 3, .. }), "{error}");
}

#[test]
fn a_model_over_turns_of_another_shape_is_refused() {
    let folder = copy("talk");
    let path = folder.join("talk.safetensors");
    let mut bytes = std::fs::read(&path).expect("it is there");
    let header = String::from_utf8_lossy(&bytes[8..]).find("centre").expect("it names its tensors") + 8;
    bytes[header..header + 6].copy_from_slice(b"center");
    std::fs::write(&path, &bytes).expect("it is written");
    edit_manifest(&folder, |m| {
        let files = m["files"].as_array_mut().expect("a list");
        let file = files.iter_mut().find(|file| file["name"] == "talk.safetensors").expect("it is named");
        file["sha256"] = sha256(&bytes).into();
    });
    let error = Reader::load(&folder, MenuWords::default(), 1, Precision::Auto).expect_err("it must not load");
    assert!(matches!(&error, LoadError::Part { reason, .. } if reason.contains("centre")), "{error}");
}

#[test]
fn a_model_of_sentences_is_no_reader() {
    let error = Reader::load(&shipped().with_file_name("sentence-1"), MenuWords::default(), 1, Precision::Auto)
        .expect_err("no reader");
    assert!(matches!(&error, LoadError::Manifest { reason, .. } if reason.contains("reading model")), "{error}");
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_manifest_speaks_of_its_own_folder_only() {
    let folder = copy("outside");
    edit_manifest(&folder, |m| m["files"][0]["name"] = "../../secret".into());
    assert!(matches!(manifest::verify(&folder), Err(LoadError::Manifest { .. })));
}

#[test]
fn a_temperature_must_be_above_zero() {
    let folder = copy("temperature");
    edit_manifest(&folder, |m| m["reading"]["temperatures"]["by_language"]["uz"]["urgency"] = 0.into());
    assert!(matches!(manifest::verify(&folder), Err(LoadError::Manifest { .. })));
}
