//! What the batcher promises: merged batches, order, Busy, and a thread that survives its work.

use std::sync::mpsc;
use std::time::Duration;

use inference::{Batcher, Encoded, EncoderConfig, InferenceError, Limits, Rank, Tokens};

fn text(ids: &[u32]) -> Tokens {
    let config = EncoderConfig {
        hidden_size: 1,
        num_hidden_layers: 0,
        num_attention_heads: 1,
        intermediate_size: 1,
        vocab_size: 1_000,
        max_position_embeddings: 512,
        layer_norm_eps: 1e-12,
        prefix: String::new(),
        heads: Vec::new(),
        token_labels: 0,
    };
    Tokens::new(ids.to_vec(), &config).expect("it fits")
}

/// Answers each text with its first token, so that a mixed-up order shows.
fn echo(batch: &[Tokens]) -> Vec<Encoded> {
    batch
        .iter()
        .map(|t| Encoded {
            vector: vec![t.ids()[0] as f32],
            pooled: Vec::new(),
            logits: Vec::new(),
            tokens: Vec::new(),
        })
        .collect()
}

/// A batcher whose thread reports each batch and computes only when told to.
struct Held {
    batcher: Batcher,
    started: mpsc::Receiver<Vec<u32>>,
    go: mpsc::Sender<()>,
}

fn held(limits: Limits) -> Held {
    let (report, started) = mpsc::channel();
    let (go, gate) = mpsc::channel();
    let compute = move |batch: &[Tokens]| {
        report.send(batch.iter().map(|t| t.ids()[0]).collect()).expect("the test listens");
        gate.recv().expect("the test opens the gate");
        assert!(batch.iter().all(|t| t.ids()[0] != 666), "a poisoned batch");
        Ok(echo(batch))
    };
    Held { batcher: Batcher::start(Box::new(compute), limits).expect("the thread starts"), started, go }
}

fn call(batcher: &Batcher, ids: &[u32]) -> tokio::task::JoinHandle<Result<Vec<f32>, InferenceError>> {
    ranked(batcher, ids, Rank::Live)
}

fn ranked(batcher: &Batcher, ids: &[u32], rank: Rank) -> tokio::task::JoinHandle<Result<Vec<f32>, InferenceError>> {
    let batcher = batcher.clone();
    let texts = ids.iter().map(|id| text(&[*id])).collect();
    tokio::spawn(async move {
        let answers = batcher.encode(texts, rank).await?;
        Ok(answers.into_iter().map(|e| e.vector[0]).collect())
    })
}

/// Lets spawned calls run until they wait for their answer.
async fn settle() {
    for _ in 0..32 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn calls_in_flight_merge_into_one_batch_and_keep_their_answers() {
    let held = held(Limits::default());
    let first = call(&held.batcher, &[1]);
    settle().await;
    assert_eq!(held.started.recv(), Ok(vec![1]));
    let (second, third) = (call(&held.batcher, &[2, 3]), call(&held.batcher, &[4]));
    settle().await;
    held.go.send(()).expect("the thread waits");
    assert_eq!(held.started.recv(), Ok(vec![2, 3, 4]));
    held.go.send(()).expect("the thread waits");
    assert_eq!(first.await.expect("no panic"), Ok(vec![1.0]));
    assert_eq!(second.await.expect("no panic"), Ok(vec![2.0, 3.0]));
    assert_eq!(third.await.expect("no panic"), Ok(vec![4.0]));
}

#[tokio::test]
async fn a_batch_stays_under_its_budget() {
    let held = held(Limits { batch_tokens: 2, ..Limits::default() });
    let calls: Vec<_> = [&[1][..], &[2, 3], &[4], &[5]].iter().map(|ids| call(&held.batcher, ids)).collect();
    settle().await;
    let mut batches = Vec::new();
    for _ in 0..3 {
        batches.push(held.started.recv().expect("a batch starts"));
        held.go.send(()).expect("the thread waits");
    }
    for call in calls {
        assert!(call.await.expect("no panic").is_ok());
    }
    batches.retain(|b| b.len() > 2);
    assert!(batches.is_empty(), "{batches:?}");
}

#[tokio::test]
async fn a_call_larger_than_a_batch_lets_others_between() {
    let held = held(Limits { batch_tokens: 2, ..Limits::default() });
    let bulk = call(&held.batcher, &[1, 2, 3, 4]);
    settle().await;
    assert_eq!(held.started.recv(), Ok(vec![1, 2]));
    let live = call(&held.batcher, &[9]);
    settle().await;
    held.go.send(()).expect("the thread waits");
    assert_eq!(held.started.recv(), Ok(vec![9]));
    held.go.send(()).expect("the thread waits");
    assert_eq!(live.await.expect("no panic"), Ok(vec![9.0]));
    assert_eq!(held.started.recv(), Ok(vec![3, 4]));
    held.go.send(()).expect("the thread waits");
    assert_eq!(bulk.await.expect("no panic"), Ok(vec![1.0, 2.0, 3.0, 4.0]));
}

#[tokio::test]
async fn a_dropped_caller_is_skipped() {
    let held = held(Limits::default());
    let first = call(&held.batcher, &[1]);
    settle().await;
    assert_eq!(held.started.recv(), Ok(vec![1]));
    let (gone, stays) = (call(&held.batcher, &[2]), call(&held.batcher, &[3]));
    settle().await;
    gone.abort();
    assert!(gone.await.expect_err("it was dropped").is_cancelled());
    held.go.send(()).expect("the thread waits");
    assert_eq!(held.started.recv(), Ok(vec![3]));
    held.go.send(()).expect("the thread waits");
    assert_eq!(first.await.expect("no panic"), Ok(vec![1.0]));
    assert_eq!(stays.await.expect("no panic"), Ok(vec![3.0]));
}

#[tokio::test]
async fn a_full_queue_answers_busy_at_once() {
    let held = held(Limits { waiting_calls: 1, ..Limits::default() });
    let first = call(&held.batcher, &[1]);
    settle().await;
    assert_eq!(held.started.recv(), Ok(vec![1]));
    let waits = call(&held.batcher, &[2]);
    settle().await;
    assert_eq!(held.batcher.encode(vec![text(&[3])], Rank::Live).await, Err(InferenceError::Busy));
    held.go.send(()).expect("the thread waits");
    assert_eq!(held.started.recv(), Ok(vec![2]));
    held.go.send(()).expect("the thread waits");
    assert_eq!(first.await.expect("no panic"), Ok(vec![1.0]));
    assert_eq!(waits.await.expect("no panic"), Ok(vec![2.0]));
}

#[tokio::test]
async fn a_panic_fails_its_batch_and_the_thread_lives() {
    let held = held(Limits::default());
    let poisoned = call(&held.batcher, &[666]);
    settle().await;
    assert_eq!(held.started.recv(), Ok(vec![666]));
    held.go.send(()).expect("the thread waits");
    assert!(matches!(poisoned.await.expect("no panic here"), Err(InferenceError::Batch(_))));
    let next = call(&held.batcher, &[5]);
    settle().await;
    assert_eq!(held.started.recv(), Ok(vec![5]));
    held.go.send(()).expect("the thread waits");
    assert_eq!(next.await.expect("no panic"), Ok(vec![5.0]));
}

#[tokio::test]
async fn an_answer_of_the_wrong_length_is_an_error() {
    let batcher = Batcher::start(Box::new(|_| Ok(Vec::new())), Limits::default()).expect("the thread starts");
    assert!(matches!(batcher.encode(vec![text(&[1])], Rank::Live).await, Err(InferenceError::Batch(_))));
    assert_eq!(batcher.encode(Vec::new(), Rank::Live).await, Ok(Vec::new()));
}

#[tokio::test]
async fn live_calls_go_before_bulk_that_came_first() {
    let held = held(Limits::default());
    let first = ranked(&held.batcher, &[1], Rank::Bulk);
    settle().await;
    assert_eq!(held.started.recv(), Ok(vec![1]));
    let bulk = ranked(&held.batcher, &[2], Rank::Bulk);
    settle().await;
    let live = ranked(&held.batcher, &[3], Rank::Live);
    settle().await;
    for _ in 0..3 {
        held.go.send(()).expect("the thread waits");
    }
    assert_eq!((held.started.recv(), held.started.recv()), (Ok(vec![3]), Ok(vec![2])));
    for (call, answer) in [(first, 1.0), (bulk, 2.0), (live, 3.0)] {
        assert_eq!(call.await.expect("it ends"), Ok(vec![answer]));
    }
}

#[tokio::test]
async fn bulk_is_computed_in_parts_that_take_no_longer_than_a_live_call_may_wait() {
    let held = held(Limits { bulk_time: Duration::ZERO, ..Limits::default() });
    for _ in 0..4 {
        held.go.send(()).expect("the thread listens");
    }
    // The first batch shows how long a token takes, and is counted before the next begins.
    assert_eq!(ranked(&held.batcher, &[1], Rank::Bulk).await.expect("no panic"), Ok(vec![1.0]));
    assert_eq!(call(&held.batcher, &[2, 3]).await.expect("no panic"), Ok(vec![2.0, 3.0]));
    assert_eq!(ranked(&held.batcher, &[4, 5], Rank::Bulk).await.expect("no panic"), Ok(vec![4.0, 5.0]));
    drop(held.batcher);
    assert_eq!(held.started.iter().collect::<Vec<_>>(), [vec![1], vec![2, 3], vec![4], vec![5]]);
}

#[tokio::test]
async fn a_full_queue_of_bulk_leaves_room_for_live_calls() {
    let held = held(Limits { waiting_calls: 1, ..Limits::default() });
    let first = ranked(&held.batcher, &[1], Rank::Bulk);
    settle().await;
    assert_eq!(held.started.recv(), Ok(vec![1]));
    let waiting = ranked(&held.batcher, &[2], Rank::Bulk);
    settle().await;
    assert_eq!(ranked(&held.batcher, &[3], Rank::Bulk).await.expect("it ends"), Err(InferenceError::Busy));
    let live = ranked(&held.batcher, &[4], Rank::Live);
    settle().await;
    for _ in 0..3 {
        held.go.send(()).expect("the thread waits");
    }
    for call in [first, waiting, live] {
        assert!(call.await.expect("it ends").is_ok());
    }
}

#[tokio::test]
async fn it_knows_whether_a_person_was_served_lately() {
    let Held { batcher, started: _started, go } = held(Limits::default());
    let lately = Duration::from_secs(3_600);
    for (rank, served) in [(Rank::Bulk, false), (Rank::Live, true), (Rank::Bulk, true)] {
        go.send(()).expect("the thread waits for it");
        ranked(&batcher, &[1], rank).await.expect("it ends").expect("it is answered");
        assert_eq!(batcher.served_live_within(lately), served, "after {rank:?}");
    }
    assert!(!batcher.served_live_within(Duration::ZERO));
}
