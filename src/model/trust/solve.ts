/** Symmetric positive systems, by Cholesky. */

/** Solves one; both are destroyed. */
export function solve(matrix: Float64Array[], right: Float64Array): Float64Array {
  factor(matrix);
  return substitute(matrix, right);
}

/** The matrix is destroyed. */
export function inverse(matrix: Float64Array[]): Float64Array[] {
  factor(matrix);
  return matrix.map((_, k) => {
    const unit = new Float64Array(matrix.length);
    unit[k] = 1;
    return substitute(matrix, unit);
  });
}

/** Into its lower triangle. */
function factor(matrix: Float64Array[]): void {
  const n = matrix.length;
  for (let j = 0; j < n; j++) {
    const row = matrix[j]!;
    let d = row[j]!;
    for (let k = 0; k < j; k++) d -= row[k]! * row[k]!;
    const root = Math.sqrt(Math.max(d, 1e-9));
    row[j] = root;
    for (let i = j + 1; i < n; i++) {
      const line = matrix[i]!;
      let s = line[j]!;
      for (let k = 0; k < j; k++) s -= line[k]! * row[k]!;
      line[j] = s / root;
    }
  }
}

function substitute(lower: readonly Float64Array[], right: Float64Array): Float64Array {
  const n = right.length;
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) right[i]! -= lower[i]![k]! * right[k]!;
    right[i]! /= lower[i]![i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) right[i]! -= lower[k]![i]! * right[k]!;
    right[i]! /= lower[i]![i]!;
  }
  return right;
}
