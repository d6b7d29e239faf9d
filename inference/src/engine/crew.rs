//! Threads that compute one thing together: they wait spinning for a moment, because the next call often comes at once,
//! then sleep.

use std::any::Any;
use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a thread looks before it lets others run: longer than it takes to be woken, shorter than others would notice.
const LOOKING: Duration = Duration::from_micros(50);
/// Looks between two at the clock. How long one lasts differs from processor to processor by four.
const LOOKS: u32 = 64;

type Task<'a> = &'a (dyn Fn(usize) + Sync);

/// The caller's thread and its helpers.
pub(super) struct Crew {
    shared: Arc<Shared>,
    helpers: Vec<JoinHandle<()>>,
    /// One task at a time.
    busy: Mutex<()>,
}

struct Shared {
    /// Counts the tasks; a helper works when it changes.
    task_number: AtomicUsize,
    task: UnsafeCell<Option<Task<'static>>>,
    /// Helpers that have finished the task.
    done: AtomicUsize,
    fault: Mutex<Option<Box<dyn Any + Send>>>,
    over: AtomicBool,
}

// SAFETY: the task is written while no helper works (before the number changes, with the lock of `busy`) and only read
// after, so that no two threads touch it at once; all else is made for sharing.
unsafe impl Sync for Shared {}
// SAFETY: a task may be called from any thread, it is `Sync`.
unsafe impl Send for Shared {}

impl Crew {
    /// `size` threads, the caller's counted.
    pub(super) fn new(size: usize) -> std::io::Result<Crew> {
        let shared = Arc::new(Shared {
            task_number: AtomicUsize::new(0),
            task: UnsafeCell::new(None),
            done: AtomicUsize::new(0),
            fault: Mutex::new(None),
            over: AtomicBool::new(false),
        });
        let helpers = (1..size.max(1))
            .map(|number| {
                let shared = shared.clone();
                std::thread::Builder::new().name(format!("encoder-{number}")).spawn(move || help(&shared, number))
            })
            .collect::<Result<_, _>>()?;
        Ok(Crew { shared, helpers, busy: Mutex::new(()) })
    }

    pub(super) fn size(&self) -> usize {
        self.helpers.len() + 1
    }

    /// Calls `task` once on each thread with the thread's number, returns when all are done. A panic in one of them goes on
    /// in the caller.
    pub(super) fn run(&self, task: Task<'_>) {
        let _busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: the reference is given up again below, after every helper has reported that it is done with it, so no
        // helper sees it outlive the call.
        let forever = unsafe { std::mem::transmute::<Task<'_>, Task<'static>>(task) };
        // SAFETY: no helper works: the last call waited for all of them.
        unsafe { *self.shared.task.get() = Some(forever) };
        self.shared.done.store(0, Ordering::Relaxed);
        self.shared.task_number.fetch_add(1, Ordering::Release);
        for helper in &self.helpers {
            helper.thread().unpark();
        }
        let own = catch_unwind(AssertUnwindSafe(|| task(0)));
        wait_until(|| self.shared.done.load(Ordering::Acquire) == self.helpers.len());
        // SAFETY: as above.
        unsafe { *self.shared.task.get() = None };
        let theirs = self.shared.fault.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(fault) = own.err().or(theirs) {
            resume_unwind(fault);
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Release);
        for helper in self.helpers.drain(..) {
            helper.thread().unpark();
            // It ends by itself; a fault of its last task was reported to that task's caller.
            let _ = helper.join();
        }
    }
}

fn help(shared: &Shared, number: usize) {
    let mut seen = 0;
    loop {
        let called = || shared.task_number.load(Ordering::Acquire) != seen || shared.over.load(Ordering::Acquire);
        look_for(called);
        while !called() {
            std::thread::park();
        }
        if shared.over.load(Ordering::Acquire) {
            return;
        }
        seen += 1;
        // SAFETY: the caller wrote it before it changed the number, and leaves it until this thread has reported below.
        let task = unsafe { *shared.task.get() };
        if let Some(task) = task
            && let Err(fault) = catch_unwind(AssertUnwindSafe(|| task(number)))
        {
            *shared.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
        }
        shared.done.fetch_add(1, Ordering::Release);
    }
}

/// Where the threads of a task wait for each other.
pub(super) struct Meeting {
    size: usize,
    arrived: AtomicUsize,
    broken: AtomicBool,
}

impl Meeting {
    pub(super) fn new(size: usize) -> Meeting {
        Meeting { size, arrived: AtomicUsize::new(0), broken: AtomicBool::new(false) }
    }

    /// Returns when all threads have come here as often as this one. Panics if one of them has broken off.
    pub(super) fn wait(&self) {
        if self.size == 1 {
            return;
        }
        let round = self.arrived.fetch_add(1, Ordering::AcqRel) / self.size + 1;
        wait_until(|| {
            assert!(!self.broken.load(Ordering::Acquire), "another thread of this batch has failed");
            self.arrived.load(Ordering::Acquire) >= round * self.size
        });
    }

    pub(super) fn is_alone(&self) -> bool {
        self.size == 1
    }

    /// To be kept by a thread while it takes part: says to the others when it fails.
    pub(super) fn presence(&self) -> Presence<'_> {
        Presence(self)
    }
}

pub(super) struct Presence<'a>(&'a Meeting);

impl Drop for Presence<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.broken.store(true, Ordering::Release);
        }
    }
}

fn wait_until(come: impl Fn() -> bool) {
    look_for(&come);
    while !come() {
        std::thread::yield_now();
    }
}

/// Returns when `come` says so, or after [`LOOKING`].
fn look_for(come: impl Fn() -> bool) {
    let began = Instant::now();
    while began.elapsed() < LOOKING {
        for _ in 0..LOOKS {
            if come() {
                return;
            }
            std::hint::spin_loop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thread_is_called_once_and_they_meet() {
        let crew = Crew::new(3).expect("threads start");
        for _ in 0..50 {
            let meeting = Meeting::new(3);
            let before = AtomicUsize::new(0);
            let numbers = AtomicUsize::new(0);
            crew.run(&|number| {
                before.fetch_add(1, Ordering::SeqCst);
                meeting.wait();
                assert_eq!(before.load(Ordering::SeqCst), 3);
                numbers.fetch_add(10_usize.pow(number as u32), Ordering::SeqCst);
            });
            assert_eq!(numbers.load(Ordering::SeqCst), 111);
        }
    }

    #[test]
    fn a_failure_reaches_the_caller_and_the_crew_lives() {
        let crew = Crew::new(2).expect("threads start");
        for failing in [0, 1] {
            let meeting = Meeting::new(2);
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                crew.run(&|number| {
                    let _presence = meeting.presence();
                    assert_ne!(number, failing, "as wanted");
                    meeting.wait();
                });
            }));
            assert!(outcome.is_err());
        }
        let count = AtomicUsize::new(0);
        crew.run(&|_| {
            count.fetch_add(1, Ordering::SeqCst);
        });
        assert_eq!(count.load(Ordering::SeqCst), 2);
    }
}
