//! The space in which talks are near or far.

use ndarray::{Array1, Array2, Axis};

use super::pool::Pool;

/// A language is centred by its own mean from so many talks.
const OWN_MEAN: usize = 20;
/// The part of its variance that each direction keeps against whitening, as a share of the mean variance.
const RIDGE: f32 = 1.0;

/// The vectors of the pool, one a row, of length one; none where there are fewer talks than tell anything.
///
/// As they come, vectors of one language lie together and all lie in a narrow cone. So each language is moved onto the
/// common centre, and the directions in which all talks differ are shortened (whitening; Su et al. 2021, "Whitening
/// sentence representations"; with a ridge, since they are few). Nothing here asks which talks are of now: that would
/// spoil the p-value.
pub(super) fn of(pool: &Pool<'_>) -> Option<Array2<f32>> {
    let width = pool.talks.first()?.vector.len();
    let mut space = Array2::zeros((pool.talks.len(), width));
    for (mut row, talk) in space.rows_mut().into_iter().zip(&pool.talks) {
        row.assign(&ndarray::aview1(talk.vector));
    }
    shorten(&mut space);
    centre(&mut space, pool);
    let mut space = whiten(space);
    shorten(&mut space);
    Some(space)
}

fn centre(space: &mut Array2<f32>, pool: &Pool<'_>) {
    let all = space.mean_axis(Axis(0)).unwrap_or_else(|| Array1::zeros(space.ncols()));
    let languages = crate::taxonomy::Language::ALL;
    for language in languages {
        let rows: Vec<usize> = (0..pool.talks.len()).filter(|row| pool.talks[*row].language == *language).collect();
        let own = space.select(Axis(0), &rows).mean_axis(Axis(0)).filter(|_| rows.len() >= OWN_MEAN);
        let mean = own.as_ref().unwrap_or(&all);
        for row in rows {
            let mut row = space.row_mut(row);
            row -= mean;
        }
    }
}

/// `space` in coordinates whose covariance is nearly the same in all directions. With C = LLᵀ any W with WᵀW = C⁻¹ gives
/// the same angles; L⁻¹ is the cheapest.
fn whiten(space: Array2<f32>) -> Array2<f32> {
    let (talks, width) = space.dim();
    let mut covariance = space.t().dot(&space) / talks.max(1) as f32;
    let ridge = RIDGE * covariance.diag().mean().unwrap_or_default();
    if ridge <= f32::MIN_POSITIVE {
        return space;
    }
    covariance.diag_mut().map_inplace(|variance| *variance += ridge);
    let inverse = inverse_root(&covariance.mapv(f64::from), width);
    space.dot(&inverse.mapv(|number| number as f32).t())
}

/// L⁻¹ of the Cholesky factor L of a positive definite matrix.
fn inverse_root(matrix: &Array2<f64>, width: usize) -> Array2<f64> {
    let mut root = Array2::<f64>::zeros((width, width));
    for row in 0..width {
        for column in 0..=row {
            let known = root.slice(ndarray::s![row, ..column]).dot(&root.slice(ndarray::s![column, ..column]));
            let rest = matrix[[row, column]] - known;
            root[[row, column]] =
                if row == column { rest.max(f64::MIN_POSITIVE).sqrt() } else { rest / root[[column, column]] };
        }
    }
    let mut inverse = Array2::<f64>::eye(width);
    for row in 0..width {
        for column in 0..row {
            let factor = root[[row, column]];
            let (done, mut rest) = inverse.view_mut().split_at(Axis(0), row);
            rest.row_mut(0).scaled_add(-factor, &done.row(column));
        }
        let pivot = root[[row, row]];
        inverse.row_mut(row).mapv_inplace(|number| number / pivot);
    }
    inverse
}

fn shorten(space: &mut Array2<f32>) {
    for mut row in space.rows_mut() {
        let length = row.dot(&row).sqrt();
        if length > f32::EPSILON {
            row /= length;
        }
    }
}
