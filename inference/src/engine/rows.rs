//! Memory that threads share by rows.

use std::marker::PhantomData;
use std::ops::Range;

/// Rows of one width that several threads read and write, each row by one writer at a time.
pub(super) struct Shared<'a> {
    start: *mut f32,
    rows: usize,
    width: usize,
    memory: PhantomData<&'a mut [f32]>,
}

// SAFETY: rows are reached only through the unsafe methods below, whose callers see to it that nobody reads what another
// writes.
unsafe impl Sync for Shared<'_> {}

impl<'a> Shared<'a> {
    pub(super) fn new(memory: &'a mut [f32], width: usize) -> Shared<'a> {
        Shared { start: memory.as_mut_ptr(), rows: memory.len() / width, width, memory: PhantomData }
    }

    /// # Safety
    /// Nobody writes these rows as long as the answer lives.
    pub(super) unsafe fn read(&self, rows: Range<usize>) -> &[f32] {
        assert!(rows.start <= rows.end && rows.end <= self.rows, "rows outside of their memory");
        // SAFETY: within the memory (asserted), which is borrowed as long as `self` lives.
        unsafe { std::slice::from_raw_parts(self.start.add(rows.start * self.width), rows.len() * self.width) }
    }

    /// # Safety
    /// Nobody else reads or writes these rows as long as the answer lives.
    #[expect(clippy::mut_from_ref, reason = "threads write different rows at once")]
    pub(super) unsafe fn write(&self, rows: Range<usize>) -> &mut [f32] {
        assert!(rows.start <= rows.end && rows.end <= self.rows, "rows outside of their memory");
        // SAFETY: within the memory (asserted), which is borrowed as long as `self` lives.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(rows.start * self.width), rows.len() * self.width) }
    }
}

/// Memory of a batch, kept for the next one.
#[derive(Default)]
pub(super) struct Memory {
    seen: [Vec<f32>; 2],
    context: Vec<f32>,
}

/// What a batch takes of it.
pub(super) struct OfBatch<'a> {
    /// Query, key and value of all heads.
    pub(super) seen: [&'a mut [f32]; 2],
    /// What attention gives.
    pub(super) context: &'a mut [f32],
}

impl Memory {
    pub(super) fn of(&mut self, tokens: usize, hidden: usize) -> OfBatch<'_> {
        for (memory, width) in self.seen.iter_mut().map(|seen| (seen, 3 * hidden)).chain([(&mut self.context, hidden)])
        {
            if memory.len() < tokens * width {
                memory.resize(tokens * width, 0.0);
            }
        }
        let [first, second] = &mut self.seen;
        let width = 3 * hidden * tokens;
        OfBatch { seen: [&mut first[..width], &mut second[..width]], context: &mut self.context[..hidden * tokens] }
    }
}
