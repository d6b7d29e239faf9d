//! Products by whole tiles of sixteen rows (AMX): one instruction multiplies 16 × 64 bytes with 64 × 16, sixteen times what
//! one of AVX-512 does. The panels are those of the other kernels: sixteen columns of one lie as a tile wants them.
//!
//! Rust has no stable functions for these instructions, so the inner loops are assembly. The tile registers are no
//! compiler's: nobody but the functions here touches them, and as long as a thread holds [`Tiles`] they are its own.

use std::arch::asm;
use std::arch::x86_64::{__cpuid_count, _xgetbv};
use std::marker::PhantomData;
use std::sync::LazyLock;

/// Rows of a tile.
pub(super) const ROWS: usize = 16;
/// Bytes of k that one instruction multiplies.
pub(super) const STEP: usize = 64;
/// Rows and columns of [`bytes`] and [`halves`].
pub(super) const HIGH: usize = 2 * ROWS;
pub(super) const WIDE: usize = 32;

/// Whether this processor has tiles for eight bits and bf16 and the system lets this process use them.
pub(crate) fn available() -> bool {
    static AVAILABLE: LazyLock<bool> = LazyLock::new(|| has() && granted());
    *AVAILABLE
}

fn has() -> bool {
    const BF16_TILE_INT8: u32 = (1 << 22) | (1 << 24) | (1 << 25);
    const TILE_STATE: u64 = (1 << 17) | (1 << 18);
    #[target_feature(enable = "xsave")]
    fn state() -> u64 {
        // SAFETY: the processor has the instruction, or this function is not called.
        unsafe { _xgetbv(0) }
    }
    // The leaf exists where AVX-512 does.
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("xsave")
        && __cpuid_count(7, 0).edx & BF16_TILE_INT8 == BF16_TILE_INT8
        // SAFETY: it has `xsave`.
        && unsafe { state() } & TILE_STATE == TILE_STATE
}

/// Linux gives the registers to who asks for them, because they make each change of threads dearer (arch_prctl(2)).
#[cfg(target_os = "linux")]
fn granted() -> bool {
    const ARCH_REQ_XCOMP_PERM: libc::c_long = 0x1023;
    const TILE_DATA: libc::c_long = 18;
    // SAFETY: the call takes two numbers and touches no memory of ours.
    unsafe { libc::syscall(libc::SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, TILE_DATA) == 0 }
}

#[cfg(not(target_os = "linux"))]
fn granted() -> bool {
    false
}

/// How the eight registers are cut: all as wide and as high as they can be.
#[repr(C, align(64))]
struct Shape {
    palette: u8,
    start: u8,
    reserved: [u8; 14],
    widths: [u16; 16],
    heights: [u8; 16],
}

static SHAPE: Shape = {
    let (mut widths, mut heights) = ([0; 16], [0; 16]);
    let mut register = 0;
    while register < 8 {
        widths[register] = STEP as u16;
        heights[register] = ROWS as u8;
        register += 1;
    }
    Shape { palette: 1, start: 0, reserved: [0; 14], widths, heights }
};

/// The tile registers of this thread, given back when it is dropped: then a change of threads need not save them. To take
/// and to give back costs as much as some twenty products.
pub(crate) struct Tiles(PhantomData<*mut ()>);

impl Tiles {
    /// # Safety
    /// The tiles are [`available`].
    pub(super) unsafe fn take() -> Tiles {
        // SAFETY: the instruction is there, and reads a shape that it knows.
        unsafe { asm!("ldtilecfg [{}]", in(reg) &raw const SHAPE, options(nostack, preserves_flags)) }
        Tiles(PhantomData)
    }
}

impl Drop for Tiles {
    fn drop(&mut self) {
        // SAFETY: whoever took them had them.
        unsafe { asm!("tilerelease", options(nomem, nostack, preserves_flags)) }
    }
}

/// Rows, their number of [`STEP`]s of k, and a panel.
#[derive(Clone, Copy)]
pub(super) struct Factors {
    pub(super) x: *const u8,
    /// Bytes from one row to the next.
    pub(super) stride: usize,
    /// Not 0.
    pub(super) steps: usize,
    /// For each step 16 rows of 128 bytes: 32 columns of four bytes each.
    pub(super) panel: *const u8,
}

/// `$product`, and what it is made of: `$two` for rows of two tiles, `$one` for those of one. They differ by what an
/// instruction multiplies.
macro_rules! products {
    ($product:ident, $two:ident, $one:ident, $multiply:literal) => {
        /// The sums of at most 32 rows and a panel; where there are at most 16, no more are read and written.
        ///
        /// # Safety
        /// This thread holds [`Tiles`]; that many rows of x, the panel and the sums (rows of `line` bytes) are good for
        /// what they say.
        #[inline(always)]
        pub(super) unsafe fn $product(factors: Factors, rows: usize, sums: *mut u8, line: usize) {
            // SAFETY: as above.
            unsafe { if rows > ROWS { $two(factors, sums, line) } else { $one(factors, sums, line) } }
        }

        #[inline(always)]
        unsafe fn $two(factors: Factors, sums: *mut u8, line: usize) {
            // SAFETY: the caller's memory is good, and the registers are this thread's.
            unsafe {
                asm!(
                    "tilezero tmm0",
                    "tilezero tmm1",
                    "tilezero tmm2",
                    "tilezero tmm3",
                    "2:",
                    "tileloadd tmm6, [{panel} + {wide}]",
                    "tileloadd tmm4, [{x} + {stride}]",
                    "tileloadd tmm7, [{panel} + {wide} + 64]",
                    concat!($multiply, " tmm0, tmm4, tmm6"),
                    "tileloadd tmm5, [{below} + {stride}]",
                    concat!($multiply, " tmm1, tmm4, tmm7"),
                    concat!($multiply, " tmm2, tmm5, tmm6"),
                    concat!($multiply, " tmm3, tmm5, tmm7"),
                    "add {x}, 64",
                    "add {below}, 64",
                    "add {panel}, 2048",
                    "dec {steps}",
                    "jnz 2b",
                    "tilestored [{sums} + {line}], tmm0",
                    "tilestored [{sums} + {line} + 64], tmm1",
                    "tilestored [{under} + {line}], tmm2",
                    "tilestored [{under} + {line} + 64], tmm3",
                    x = inout(reg) factors.x => _,
                    below = inout(reg) factors.x.wrapping_add(ROWS * factors.stride) => _,
                    stride = in(reg) factors.stride,
                    panel = inout(reg) factors.panel => _,
                    wide = in(reg) 128_usize,
                    steps = inout(reg) factors.steps => _,
                    sums = in(reg) sums,
                    under = in(reg) sums.wrapping_add(ROWS * line),
                    line = in(reg) line,
                    options(nostack),
                )
            }
        }

        #[inline(always)]
        unsafe fn $one(factors: Factors, sums: *mut u8, line: usize) {
            // SAFETY: as above.
            unsafe {
                asm!(
                    "tilezero tmm0",
                    "tilezero tmm1",
                    "2:",
                    "tileloadd tmm6, [{panel} + {wide}]",
                    "tileloadd tmm4, [{x} + {stride}]",
                    "tileloadd tmm7, [{panel} + {wide} + 64]",
                    concat!($multiply, " tmm0, tmm4, tmm6"),
                    concat!($multiply, " tmm1, tmm4, tmm7"),
                    "add {x}, 64",
                    "add {panel}, 2048",
                    "dec {steps}",
                    "jnz 2b",
                    "tilestored [{sums} + {line}], tmm0",
                    "tilestored [{sums} + {line} + 64], tmm1",
                    x = inout(reg) factors.x => _,
                    stride = in(reg) factors.stride,
                    panel = inout(reg) factors.panel => _,
                    wide = in(reg) 128_usize,
                    steps = inout(reg) factors.steps => _,
                    sums = in(reg) sums,
                    line = in(reg) line,
                    options(nostack),
                )
            }
        }
    };
}

products!(bytes, bytes_of_two, bytes_of_one, "tdpbusd");
products!(halves, halves_of_two, halves_of_one, "tdpbf16ps");
