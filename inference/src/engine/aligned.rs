//! Memory that starts at a cache line, so that a register's load never touches two.

use std::ops::{Deref, DerefMut};

#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; 64]);

/// A fixed number of numbers in aligned memory, zero at first.
pub(super) struct Aligned<T> {
    lines: Vec<Line>,
    count: usize,
    kind: std::marker::PhantomData<T>,
}

/// Numbers for which any bits are a value.
pub(super) trait Number: Copy {}
impl Number for f32 {}
impl Number for u16 {}
impl Number for u8 {}
impl Number for i8 {}
impl Number for i16 {}

impl<T: Number> Aligned<T> {
    pub(super) fn zeros(count: usize) -> Aligned<T> {
        let lines = vec![Line([0; 64]); (count * size_of::<T>()).div_ceil(64)];
        Aligned { lines, count, kind: std::marker::PhantomData }
    }
}

impl<T: Number> Deref for Aligned<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: the lines hold at least `count` numbers, are aligned for any of them, and any bits are a number.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.count) }
    }
}

impl<T: Number> DerefMut for Aligned<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as above, and `self` is borrowed for writing.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.count) }
    }
}
